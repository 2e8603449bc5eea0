/* One more process in a container whose init runs. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "clone.h"
#include "lib/identity.h"
#include "start_layout.h"

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
