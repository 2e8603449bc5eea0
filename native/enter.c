/* The first steps of a container's process: into the namespaces that it is to have. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "init.h"
#include "lib/fds.h"

/* A nested user namespace: the monitor writes our maps, for which our /proc files must be ours. */
static int await_maps(struct launch *l)
{
	struct status_message message = { .kind = STATUS_UNMAPPED };
	char byte;

	prctl(PR_SET_DUMPABLE, 1);
	if (send_fds(l->status, &message, sizeof(message), NULL, 0, 0) < 0)
		return -errno;
	if (recv(l->status, &byte, 1, 0) != 1)
		return -ECANCELED;
	prctl(PR_SET_DUMPABLE, 0);
	return 0;
}

/* Namespaces of others, which `ns x path` names; the pid namespace was entered by the clone. */
static int join_paths(struct launch *l)
{
	const struct settings *set = l->set;

	for (unsigned kind = 0; kind < NS_KINDS; kind++) {
		if (set->ns[kind].mode != NS_PATH || kind == NS_PID)
			continue;
		autoclose int fd = open(set->ns[kind].path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0 || setns(fd, (int)ns_flags[kind]) < 0) {
			int err = -errno;
			l->step = ops_find_text(l->ops, set->ns[kind].path);
			return err;
		}
	}
	return 0;
}

int enter_namespaces(struct inside *in)
{
	struct launch *l = in->launch;
	int err = 0;

	setsid();
	if (l->join_pidfd >= 0) {
		err = setns(l->join_pidfd, l->join_flags) < 0 ? -errno : 0;
		in->pivoted = true;
	} else {
		if (l->nested)
			err = await_maps(l);
		if (err == 0)
			err = join_paths(l);
	}
	if (err < 0)
		return err;
	/*
	 * Mounts and what is made in them belong to root inside; where there is none, to the only
	 * id.
	 */
	if ((setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) && errno != EINVAL)
		return -errno;
	/* New ids and capabilities have set it to /proc/sys/fs/suid_dumpable: prctl(2). */
	prctl(PR_SET_DUMPABLE, 0);
	/*
	 * The monitor was in the root file system when it cloned us: nested, we may not walk there.
	 */
	in->root = open(l->join_pidfd >= 0 ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (in->root < 0)
		return -errno;
	return l->nested && l->join_pidfd < 0 ? mount_root_again(in) : 0;
}
