#include "update.h"

#include <errno.h>

#include "cgroup.h"
#include "health.h"

static int change(struct monitor *m, struct settings *set, const struct op *op)
{
	switch (op->kind) {
	case OP_NAME:
	case OP_RESTART:
	case OP_REMOVE:
	case OP_HEALTH:
	case OP_HEALTH_STARTUP:
	case OP_HEALTH_LOG: return settings_set(set, op);
	case OP_CGROUP_WRITE: return cgroup_write(m, op);
	default: return -ENOSYS;
	}
}

int update_settings(struct monitor *m, struct ops *ops, unsigned *bad)
{
	static struct ops kept; /* The settings point into them. */
	struct settings changed = m->set;
	bool renewed = ops_find(ops, OP_NAME) != 0;

	if (renewed) { /* What there is of these is said again. */
		changed.remove = NULL;
		changed.health = (struct health_settings){ 0 };
	}
	for (*bad = 1; *bad < ops->count; ++*bad) {
		bool is_setting = ops->list[*bad].kind != OP_CGROUP_WRITE;
		int err = is_setting && !renewed ? -EINVAL : change(m, &changed, &ops->list[*bad]);
		if (err < 0)
			return err;
	}
	if (!renewed)
		return 0; /* Nothing points into these; those that are kept are still needed. */
	const struct health_settings before = m->set.health;
	m->set = changed;
	health_change(m, &before);
	ops_free(&kept);
	kept = *ops;
	*ops = (struct ops){ 0 };
	return 0;
}
