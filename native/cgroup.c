#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "subgroups.h"

#define ID_LENGTH 64

/* The line of the v2 hierarchy: `0::/path` (cgroups(7), /proc/PID/cgroup). */
static int read_cgroup(const char *file, char path[], size_t size)
{
	char text[8192];
	ssize_t n = read_file_at(AT_FDCWD, file, text, sizeof(text));

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
	int err = -EINVAL;
	for (unsigned i = 0; i + 1 < op->argc && (i == 0 || err == -ENOENT); i += 2) {
		const char *file = op->argv[i], *value = op->argv[i + 1];
		err = strchr(file, '/') ? -EINVAL
					: write_file_at(m->cgroup, file, value, strlen(value));
	}
	return err;
}

/* What has to belong to who may divide a cgroup: cgroups(7), "Cgroup delegation". */
static int delegate(struct monitor *m, const struct op *op)
{
	static const char *const names[] = { ".", "cgroup.procs", "cgroup.subtree_control",
					     "cgroup.threads" };
	uint64_t uid, gid;
	int err = parse_number(op->argv[0], 10, UINT32_MAX - 1, &uid);

	if (err == 0)
		err = parse_number(op->argv[1], 10, UINT32_MAX - 1, &gid);
	for (size_t i = 0; err == 0 && i < ARRAY_SIZE(names); i++)
		if (fchownat(m->cgroup, names[i], (uid_t)uid, (gid_t)gid, AT_SYMLINK_NOFOLLOW) < 0)
			err = -errno;
	return err;
}

static int set_up(struct monitor *m)
{
	for (unsigned i = 0; i < m->set.stage2; i++) {
		const struct op *op = &m->ops.list[i];
		if (op->kind != OP_CGROUP_WRITE && op->kind != OP_CGROUP_OWNER)
			continue;
		m->step = i;
		int err = op->kind == OP_CGROUP_WRITE ? cgroup_write(m, op) : delegate(m, op);
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
	int err = read_cgroup("/proc/self/cgroup", path, sizeof(path));
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
	cgroup_clear(m); /* A monitor that was killed has left what its container had made. */
	return set_up(m);
}

uint64_t cgroup_oom_kills(struct monitor *m)
{
	char text[512];

	if (m->cgroup < 0 || read_file_at(m->cgroup, "memory.events", text, sizeof(text)) < 0)
		return 0;
	const char *line = strstr(text, "oom_kill ");
	return line ? strtoull(line + strlen("oom_kill "), NULL, 10) : 0;
}

int cgroup_of_init(struct monitor *m)
{
	char name[48], text[8192];
	size_t len = strlen(m->cgroup_path);

	snprintf(name, sizeof(name), "/proc/%d/cgroup", m->init.host_pid);
	int err = m->init.pidfd < 0 ? -ESRCH : read_cgroup(name, text, sizeof(text));
	if (err < 0)
		return err;
	if (strncmp(text, m->cgroup_path, len) != 0 || text[len] != '/')
		return -ENOENT;
	int fd = openat(m->cgroup, text + len + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void cgroup_clear(struct monitor *m)
{
	if (m->cgroup >= 0)
		subgroups_remove(m->cgroup);
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

/* `/above/tspod-ID` or `/above/tspod-ID/monitor` as `/above` and `tspod-ID`: src/host/cgroup.ts. */
static const char *split_own(char *path)
{
	static const char below[] = "/monitor", prefix[] = "tspod-";
	size_t len = strlen(path), end = sizeof(below) - 1, id = sizeof(prefix) - 1;

	if (len > end && strcmp(path + len - end, below) == 0)
		path[len - end] = '\0';
	char *name = strrchr(path, '/');
	if (!name || strncmp(name + 1, prefix, id) != 0 ||
	    strspn(name + 1 + id, "0123456789abcdef") != ID_LENGTH || name[1 + id + ID_LENGTH])
		return NULL;
	*name = '\0';
	return name + 1;
}

void cgroup_leave(const struct monitor *m)
{
	char path[400];

	if (!m->set.cgroup || read_cgroup("/proc/self/cgroup", path, sizeof(path)) < 0)
		return;
	const char *name = split_own(path);
	autoclose int above = name ? open_own(path) : -1;
	if (above >= 0 && write_file_at(above, "tspod-session/cgroup.procs", "0", 1) == 0)
		cgroup_remove_at(above, name); /* What stays the next start removes. */
}
