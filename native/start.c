#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "cgroup.h"
#include "failpoint.h"
#include "init.h"
#include "lib/identity.h"
#include "oom.h"
#include "record.h"
#include "start_layout.h"
#include "stream.h"

const uint64_t ns_flags[NS_KINDS] = {
	[NS_PID] = CLONE_NEWPID, [NS_IPC] = CLONE_NEWIPC, [NS_UTS] = CLONE_NEWUTS,
	[NS_CGROUP] = CLONE_NEWCGROUP, [NS_NET] = CLONE_NEWNET,
};

/*
 * Clone into the container's cgroup. Until its execve the child's memory and /proc/PID/exe are the
 * monitor's, and it may be seen from inside: so it is born not dumpable, which only a capability in
 * the host's user namespace could override (ptrace(2), access mode checks).
 */
static int clone_inside(struct monitor *m, const struct launch *l, uint64_t flags, int *pidfd)
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
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		return 0;
	err = pid < 0 ? -errno : 0;
	prctl(PR_SET_DUMPABLE, 1); /* For `join` and for the network's helpers. */
	oom_score_restore(score);
	return err < 0 ? err : (int)pid;
}

/* Children of the next clone go into that pid namespace, until the way back: setns(2). */
static int enter_pidns(struct monitor *m, int fd)
{
	if (m->own_pidns < 0)
		m->own_pidns = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	return m->own_pidns < 0 || setns(fd, CLONE_NEWPID) < 0 ? -errno : 0;
}

static void leave_pidns(struct monitor *m)
{
	setns(m->own_pidns, CLONE_NEWPID);
}

static uint64_t init_namespaces(const struct settings *set)
{
	uint64_t flags = CLONE_NEWNS | (set->nested ? CLONE_NEWUSER : 0);

	for (unsigned kind = 0; kind < NS_KINDS; kind++)
		if (set->ns[kind].mode == NS_NEW && kind != NS_NET)
			flags |= ns_flags[kind];
	return flags;
}

static int clone_init(struct monitor *m, struct launch *l)
{
	const struct settings *set = &m->set;
	autoclose int pidns = -1;

	if (set->ns[NS_PID].mode == NS_PATH) {
		pidns = open(set->ns[NS_PID].path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		int err = pidns < 0 ? -errno : enter_pidns(m, pidns);
		if (err < 0) {
			m->step = ops_find_text(&m->ops, set->ns[NS_PID].path);
			return err;
		}
	}
	/* init starts in its root: start of enter() */
	if (fchdir(m->run_dir) < 0 || chdir("rootfs") < 0)
		return -errno;
	int pid = clone_inside(m, l, init_namespaces(set), &m->init.pidfd);
	if (pid == 0)
		init_main(l);
	if (pidns >= 0)
		leave_pidns(m);
	return chdir("/") < 0 ? -errno : pid;
}

/* What is known of init before it runs anything; the record is there before its execve. */
static int note_init(struct monitor *m, int pid)
{
	m->init.pid = pid;
	clock_gettime(CLOCK_REALTIME, &m->init.started);
	m->init.started_ms = now_ms();
	int host_pid = pidfd_pid(m->init.pidfd);
	if (host_pid < 0)
		return host_pid;
	m->init.host_pid = host_pid;
	/* Hidden by hidepid= until its execve: then child.c completes the record. */
	if (proc_start_time(host_pid, &m->init.start_time) < 0)
		m->init.start_time = 0;
	failpoint(FAIL_BEFORE_INIT_JSON);
	return record_init(m);
}

int start_init(struct monitor *m)
{
	static struct launch l;
	int status[2];

	free(l.env);
	l = (struct launch){
		.ops = &m->ops,
		.set = &m->set,
		.step = m->set.stage2,
		.bad = &m->step,
		.join_pidfd = -1,
		.seccomp = -1,
		.stdio = { -1, -1, -1 },
		.own_stdio = !m->set.passthrough,
		.tty = m->set.tty,
		.orphan_dies = m->set.ns[NS_PID].mode != NS_NEW,
		.nested = m->set.nested,
		.keep_fds = m->set.keep_fds,
		.kept = m->kept,
		.rows = m->set.rows,
		.columns = m->set.columns,
	};
	int err = lay_out(&l);
	autoclose int filter = -1;
	if (err == 0)
		err = open_filter(&m->ops, &m->step, &filter);
	l.seccomp = filter;
	if (err == 0 && l.nested)
		err = open_sources(m, &l);
	if (err == 0)
		err = stream_open(m, l.stdio);
	if (err < 0) {
		close_sources(&l);
		return err;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, status) < 0)
		return -errno;
	m->oom_kills = cgroup_oom_kills(m);
	l.status = status[1];
	m->init = (struct init){ .pidfd = -1, .status = status[0] };
	int pid = clone_init(m, &l);
	close_sources(&l);
	close(status[1]);
	stream_close_inner(l.stdio);
	if (pid < 0)
		return pid;
	failpoint(FAIL_AFTER_INIT_CLONE);
	m->phase = PHASE_STARTING;
	return note_init(m, pid);
}

/*
 * An exec'd process enters what init has; where init shares the monitor's there is nothing to
 * enter.
 */
static int exec_namespaces(const struct settings *set)
{
	uint64_t flags = CLONE_NEWNS | (set->nested ? CLONE_NEWUSER : 0);

	for (unsigned kind = 0; kind < NS_KINDS; kind++)
		if (kind != NS_PID && (set->ns[kind].mode == NS_PATH ||
				       (kind != NS_NET && set->ns[kind].mode == NS_NEW)))
			flags |= ns_flags[kind];
	return (int)flags;
}

static int clone_exec(struct monitor *m, struct launch *l, int *pidfd)
{
	bool enter = m->set.ns[NS_PID].mode != NS_HOST;
	int err = enter ? enter_pidns(m, m->init.pidfd) : 0;

	if (err < 0)
		return err;
	int pid = clone_inside(m, l, 0, pidfd);
	if (pid == 0)
		init_main(l);
	if (enter)
		leave_pidns(m);
	return pid;
}

pid_t start_exec(struct monitor *m, struct exec_request *request, int *status, pid_t *host_pid)
{
	static struct launch l;
	autoclose int pidfd = -1;
	int pair[2] = { -1, -1 };

	if (m->phase != PHASE_RUNNING)
		return -ESRCH;
	l = (struct launch){
		.ops = &request->ops,
		.bad = &request->bad,
		.set = &m->set,
		.join_pidfd = m->init.pidfd,
		.join_flags = exec_namespaces(&m->set),
		.stdio = { request->fds[0], request->fds[1], request->fds[2] },
		.tty = request->tty,
		.guarded = request->guarded,
		.rows = request->rows,
		.columns = request->columns,
		.orphan_dies = m->set.ns[NS_PID].mode != NS_NEW,
		.keep_fds = request->keep_fds,
		.kept = request->fds + 3,
	};
	autoclose int filter = -1;
	int err = open_filter(&request->ops, &request->bad, &filter);
	l.seccomp = filter;
	if (err == 0)
		err = lay_out(&l);
	if (err == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		err = -errno;
	if (err < 0) {
		free(l.env);
		return err;
	}
	l.status = pair[1];
	int pid = clone_exec(m, &l, &pidfd);
	close(pair[1]);
	free(l.env);
	if (pid < 0) {
		close(pair[0]);
		return pid;
	}
	*status = pair[0];
	int host = pidfd_pid(pidfd);
	*host_pid = host > 0 ? host : 0; /* It may be over already. */
	return pid;
}
