#include "clone.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "cgroup.h"
#include "oom.h"

static int clone_with(struct clone_args *args)
{
	long pid = syscall(SYS_clone3, args, sizeof(*args));

	return pid < 0 ? -errno : (int)pid;
}

int clone_inside(struct monitor *m, const struct launch *l, uint64_t flags, int *pidfd)
{
	char score[OOM_SCORE_SIZE];
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	if (m->cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)m->cgroup;
	}
	int err = oom_score_take(l->ops, l->bad, score);
	if (err < 0)
		return err;
	prctl(PR_SET_DUMPABLE, 0);
	int pid = clone_with(&args);
	autoclose int below = pid == -EBUSY ? cgroup_of_init(m) : -1;
	if (below >= 0) {
		args.cgroup = (unsigned)below;
		pid = clone_with(&args);
	}
	if (pid == 0)
		return 0;
	if (pid < 0)
		*pidfd = -1; /* A clone that a cgroup's limit forbids has put a number there. */
	prctl(PR_SET_DUMPABLE, 1); /* For `join` and for the network's helpers. */
	oom_score_restore(score);
	return pid;
}

int enter_pidns(struct monitor *m, int fd)
{
	if (m->own_pidns < 0)
		m->own_pidns = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	return m->own_pidns < 0 || setns(fd, CLONE_NEWPID) < 0 ? -errno : 0;
}

void leave_pidns(struct monitor *m)
{
	setns(m->own_pidns, CLONE_NEWPID);
}
