#include "idmaps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#include "lib/idmap.h"

#define MAP_ENTRIES_MAX 340 /* user_namespaces(7) */

static int spawn_map_helper(const struct ops *ops, enum op_kind kind, const char *path,
			    pid_t target, pid_t *helper)
{
	static char pid_text[16];
	char *argv[3 + 3 * MAP_ENTRIES_MAX] = { (char *)(uintptr_t)path, pid_text };
	unsigned used = 2;

	snprintf(pid_text, sizeof(pid_text), "%d", (int)target);
	for (unsigned i = 0; i < ops->count; i++) {
		if (ops->list[i].kind != kind)
			continue;
		if (used + 3 >= ARRAY_SIZE(argv))
			return -E2BIG;
		for (unsigned k = 0; k < 3; k++)
			argv[used++] = ops->list[i].argv[k];
	}
	argv[used] = NULL;
	/* Not vfork(2): the second helper shall not wait for the first one's execve. */
	*helper = fork();
	if (*helper == 0) {
		execve(path, argv, environ);
		_exit(127);
	}
	return *helper < 0 ? -errno : 0;
}

/* newuidmap and newgidmap side by side; they say on standard error what they dislike. */
static int map_with_helpers(struct monitor *m, pid_t pid)
{
	const struct {
		enum op_kind map, helper;
		const char *path;
	} sides[] = { { OP_UIDMAP, OP_NEWUIDMAP, m->set.newuidmap },
		      { OP_GIDMAP, OP_NEWGIDMAP, m->set.newgidmap } };
	pid_t helpers[2];
	int err = 0;

	for (unsigned i = 0; i < 2; i++) {
		int one = spawn_map_helper(&m->ops, sides[i].map, sides[i].path, pid, &helpers[i]);
		if (one < 0) {
			helpers[i] = -1;
			err = one;
			m->step = ops_find(&m->ops, sides[i].helper);
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		int status;
		if (helpers[i] < 0 || waitpid(helpers[i], &status, 0) < 0 || status == 0)
			continue;
		m->step = ops_find(&m->ops, sides[i].helper);
		err = -idmap_tool_errno();
	}
	return err;
}

static int write_map(const struct ops *ops, enum op_kind kind, int proc, const char *file)
{
	char text[4096];
	size_t used = 0;

	for (unsigned i = 0; i < ops->count; i++) {
		char **argv = ops->list[i].argv;
		if (ops->list[i].kind != kind)
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s\n", argv[0],
					 argv[1], argv[2]);
		if (used >= sizeof(text))
			return -E2BIG;
	}
	return used > 0 ? write_file_at(proc, file, text, used) : 0;
}

/* One's own id needs no helper, but gives up setgroups(2) first: user_namespaces(7). */
static int map_directly(struct monitor *m, pid_t pid)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/%d", (int)pid);
	autoclose int proc = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return -errno;
	int err = geteuid() == 0 ? 0 : write_file_at(proc, "setgroups", "deny", 4);
	if (err == 0) {
		m->step = ops_find(&m->ops, OP_UIDMAP);
		err = write_map(&m->ops, OP_UIDMAP, proc, "uid_map");
	}
	if (err == 0) {
		m->step = ops_find(&m->ops, OP_GIDMAP);
		err = write_map(&m->ops, OP_GIDMAP, proc, "gid_map");
	}
	return err;
}

int write_id_maps(struct monitor *m, pid_t pid)
{
	return m->set.newuidmap && m->set.newgidmap ? map_with_helpers(m, pid) :
						      map_directly(m, pid);
}
