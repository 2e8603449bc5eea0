#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

#include "cgroup.h"
#include "clone.h"
#include "failpoint.h"
#include "init.h"
#include "lib/identity.h"
#include "record.h"
#include "start_layout.h"
#include "stream.h"

const uint64_t ns_flags[NS_KINDS] = {
	[NS_PID] = CLONE_NEWPID, [NS_IPC] = CLONE_NEWIPC, [NS_UTS] = CLONE_NEWUTS,
	[NS_CGROUP] = CLONE_NEWCGROUP, [NS_NET] = CLONE_NEWNET,
};

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

static struct launch launch_of_init(struct monitor *m)
{
	return (struct launch){
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
}

/* What init needs from outside: all that can fail before there is one. */
static int open_all(struct monitor *m, struct launch *l, int status[2])
{
	int err = lay_out(l);

	if (err == 0)
		err = open_filter(&m->ops, &m->step, &l->seccomp);
	if (err == 0 && l->nested)
		err = open_sources(m, l);
	if (err == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, status) < 0)
		err = -errno;
	return err == 0 ? stream_open(m, l->stdio) : err;
}

int start_init(struct monitor *m)
{
	static struct launch l;
	int status[2] = { -1, -1 }, pid = -1;

	free(l.env);
	l = launch_of_init(m);
	/* restart.c counts from it, also when this one comes to nothing. */
	m->init = (struct init){
		.pidfd = -1,
		.status = -1,
		.started = m->init.started,
		.started_ms = now_ms(),
	};
	int err = open_all(m, &l, status);
	if (err == 0) {
		m->oom_kills = cgroup_oom_kills(m);
		l.status = status[1];
		m->init.status = take_fd(&status[0]);
		pid = clone_init(m, &l);
	}
	stream_close_inner(l.stdio);
	close_sources(&l);
	drop_fd(&l.seccomp);
	drop_fd(&status[0]);
	drop_fd(&status[1]);
	if (err < 0 || pid < 0)
		return err < 0 ? err : pid;
	failpoint(FAIL_AFTER_INIT_CLONE);
	m->phase = PHASE_STARTING;
	return note_init(m, pid);
}
