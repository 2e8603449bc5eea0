#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Our own line of the v2 hierarchy: `0::/path` (cgroups(7)). */
static int own_cgroup(char path[], size_t size)
{
	char text[8192];
	ssize_t n = read_file_at(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text));

	if (n < 0)
		return (int)n;
	char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	line = line ? strchr(line, '/') : NULL;
	if (!line)
		return -ENOTSUP;
	line[strcspn(line, "\n")] = '\0';
	return snprintf(path, size, "%s", line) < (int)size ? 0 : -ENAMETOOLONG;
}

static int open_own(const char *path)
{
	static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	char full[600];

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		snprintf(full, sizeof(full), "%s/cgroup.controllers", roots[i]);
		if (access(full, F_OK) < 0)
			continue;
		snprintf(full, sizeof(full), "%s%s", roots[i], path);
		int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	return -ENOTSUP;
}

static int make_below(int own, const char *name)
{
	return mkdirat(own, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int enable(int own, const struct op *op)
{
	char text[256];
	size_t used = 0;

	for (unsigned i = 1; i < op->argc; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, "+%s ", op->argv[i]);
		if (used >= sizeof(text))
			return -E2BIG;
	}
	return used > 0 ? write_file_at(own, "cgroup.subtree_control", text, used) : 0;
}

int cgroup_write(struct monitor *m, const struct op *op)
{
	if (m->cgroup < 0)
		return -ENOTSUP;
	if (strchr(op->argv[0], '/'))
		return -EINVAL;
	return write_file_at(m->cgroup, op->argv[0], op->argv[1], strlen(op->argv[1]));
}

static int write_limits(struct monitor *m)
{
	for (unsigned i = 0; i < m->set.stage2; i++) {
		const struct op *op = &m->ops.list[i];
		if (op->kind != OP_CGROUP_WRITE)
			continue;
		m->step = i;
		int err = cgroup_write(m, op);
		if (err < 0)
			return err;
	}
	return 0;
}

int cgroup_prepare(struct monitor *m)
{
	char path[400];

	if (!m->set.cgroup)
		return 0;
	m->step = (unsigned)(m->set.cgroup - m->ops.list);
	int err = own_cgroup(path, sizeof(path));
	if (err < 0)
		return err;
	autoclose int own = open_own(path);
	if (own < 0)
		return own;
	if ((err = make_below(own, "monitor")) < 0 || (err = make_below(own, "container")) < 0)
		return err;
	/*
	 * No processes may be left where controllers are enabled: cgroups(7), "no internal
	 * processes".
	 */
	if ((err = write_file_at(own, "monitor/cgroup.procs", "0", 1)) < 0 ||
	    (err = enable(own, m->set.cgroup)) < 0)
		return err;
	m->cgroup = openat(own, "container", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->cgroup < 0)
		return -errno;
	snprintf(m->cgroup_path, sizeof(m->cgroup_path), "%s/container",
		 strcmp(path, "/") == 0 ? "" : path);
	return write_limits(m);
}

uint64_t cgroup_oom_kills(struct monitor *m)
{
	char text[512];

	if (m->cgroup < 0 || read_file_at(m->cgroup, "memory.events", text, sizeof(text)) < 0)
		return 0;
	const char *line = strstr(text, "oom_kill ");
	return line ? strtoull(line + strlen("oom_kill "), NULL, 10) : 0;
}

int cgroup_freeze(struct monitor *m, bool frozen)
{
	return m->cgroup < 0 ? -ENOTSUP :
			       write_file_at(m->cgroup, "cgroup.freeze", frozen ? "1" : "0", 1);
}

void cgroup_kill(struct monitor *m)
{
	if (m->cgroup >= 0)
		write_file_at(m->cgroup, "cgroup.kill", "1", 1);
}
