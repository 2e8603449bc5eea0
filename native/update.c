#include "update.h"

#include <errno.h>

#include "cgroup.h"

static int change(struct monitor *m, struct settings *set, const struct op *op)
{
	switch (op->kind) {
	case OP_NAME:
	case OP_RESTART:
	case OP_REMOVE: return settings_set(set, op);
	case OP_CGROUP_WRITE: return cgroup_write(m, op);
	default: return -ENOSYS;
	}
}

int update_settings(struct monitor *m, struct ops *ops, unsigned *bad)
{
	static struct ops kept; /* The settings point into them. */
	struct settings changed = m->set;

	for (*bad = 1; *bad < ops->count; ++*bad) {
		int err = change(m, &changed, &ops->list[*bad]);
		if (err < 0)
			return err;
	}
	m->set = changed;
	ops_free(&kept);
	kept = *ops;
	*ops = (struct ops){ 0 };
	return 0;
}
