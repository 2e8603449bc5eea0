/* Init from its clone to its death, and the reaping of all children. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "begin.h"
#include "cgroup.h"
#include "event.h"
#include "failpoint.h"
#include "fill.h"
#include "health.h"
#include "lib/child.h"
#include "lib/fds.h"
#include "lib/identity.h"
#include "loop.h"
#include "notify.h"
#include "record.h"
#include "sessions.h"
#include "start.h"
#include "stream.h"

static void init_runs(struct monitor *m)
{
	drop_fd(&m->init.status);
	m->phase = PHASE_RUNNING;
	if (m->init.start_time == 0 && proc_start_time(m->init.host_pid, &m->init.start_time) == 0)
		record_init(m);
	say(m, "running %ld\n", m->init.host_pid, 0);
	drop_fd(&m->cli);
	failpoint(FAIL_AFTER_RUNNING);
	notify_running(m);
	m->trim_at = now_ms() + TRIM_MS;
	m->kill_at = m->set.lifetime_ms > 0 ? now_ms() + m->set.lifetime_ms : 0;
	event_record_both(m, "init", "start");
	health_begin(m);
	if (m->ends_at_once)
		monitor_ask_to_end(m, m->end_ms);
}

/* A restart that fails counts as a death with the code that `run` would have given. */
static void init_failed(struct monitor *m, const struct status_message *message)
{
	drop_fd(&m->init.status);
	m->step = message->op;
	m->init.exit_code = STATUS_OURS;
	if (message->op < m->ops.count && m->ops.list[message->op].kind == OP_EXEC)
		m->init.exit_code = message->err == ENOENT ? 127 : 126;
	if (m->cli >= 0)
		refuse(m, -message->err);
	else
		m->phase = PHASE_RUNNING; /* Its death follows. */
}

static int write_init_map(struct monitor *m, enum op_kind kind, const char *file)
{
	char text[4096], name[48];
	size_t used = 0;

	for (unsigned i = 0; i < m->set.stage2; i++) {
		char **argv = m->ops.list[i].argv;
		if (m->ops.list[i].kind != kind)
			continue;
		m->step = i;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s\n", argv[0],
					 argv[1], argv[2]);
		if (used >= sizeof(text))
			return -E2BIG;
	}
	snprintf(name, sizeof(name), "/proc/%d/%s", m->init.host_pid, file);
	return write_file_at(AT_FDCWD, name, text, used);
}

static void map_init(struct monitor *m)
{
	int err = write_init_map(m, OP_INIT_UIDMAP, "uid_map");

	if (err == 0)
		err = write_init_map(m, OP_INIT_GIDMAP, "gid_map");
	if (err < 0)
		refuse(m, err);
	else
		send(m->init.status, "m", 1, MSG_NOSIGNAL);
}

static void init_status_ready(struct monitor *m, unsigned unused)
{
	struct status_message message;
	int fd = -1;
	unsigned count = 1;

	(void)unused;
	ssize_t n = m->init.status < 0 || m->phase != PHASE_STARTING ? -EAGAIN :
		    recv_fds(m->init.status, &message, sizeof(message), &fd, &count, MSG_DONTWAIT);
	if (n == -EAGAIN)
		return;
	if (n != (ssize_t)sizeof(message))
		init_runs(m);
	else if (message.kind == STATUS_TTY && count == 1)
		stream_set_tty(fd);
	else if (message.kind == STATUS_UNMAPPED)
		map_init(m);
	else
		init_failed(m, &message);
}

static void init_died(struct monitor *m, const siginfo_t *info)
{
	struct init *init = &m->init;

	while (init->status >= 0 && m->phase == PHASE_STARTING)
		init_status_ready(m, 0); /* What it said before its death; then the socket's end. */
	if (m->phase == PHASE_OVER)
		return;
	if (init->exit_code == 0) {
		init->exit_signal = info->si_code == CLD_EXITED ? 0 : info->si_status;
		init->exit_code = init->exit_signal ? 128 + init->exit_signal : info->si_status;
	}
	init->oom_killed = cgroup_oom_kills(m) > m->oom_kills;
	failpoint(FAIL_BEFORE_EXIT_JSON);
	record_exit(m);
	failpoint(FAIL_AFTER_EXIT_JSON);
	if (m->stop_asked)
		event_record(m, "stop");
	event_record_exit(m, "died", init->exit_code);
	/* A client that takes nothing must not hold up a stop for long. */
	m->kill_at = m->stopping ? now_ms() + STUCK_MS : 0;
	m->phase = PHASE_DRAINING;
	if (m->set.ns[NS_PID].mode != NS_NEW)
		cgroup_kill(m); /* No pid namespace of ours has ended with it. */
}

/*
 * Without a pid namespace of ours nothing ends with init: what it has left behind is our child,
 * since we are its subreaper, and so are in turn the children of those (prctl(2),
 * PR_SET_CHILD_SUBREAPER).
 */
bool child_none_left(struct monitor *m)
{
	siginfo_t info;

	if (m->set.ns[NS_PID].mode == NS_NEW)
		return true;
	child_kill_all(m->pid);
	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0;
}

/* Reap; the exit record comes before init's zombie goes, which until then counts as running. */
void child_reap(struct monitor *m)
{
	siginfo_t info = { 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
		int code = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
		if (info.si_pid == m->init.pid)
			init_died(m, &info);
		waitid(P_PID, (id_t)info.si_pid, &(siginfo_t){ 0 }, WEXITED | WNOHANG);
		if (info.si_pid == m->init.pid) {
			m->init.pid = 0;
			drop_fd(&m->init.pidfd);
		} else if (fill_ended(info.si_pid, code)) {
			begin_advance(m);
		} else if (!session_ended(m, info.si_pid, code)) {
			health_ended(m, info.si_pid, code);
		}
		info.si_pid = 0;
	}
}

void child_watch(struct monitor *m)
{
	loop_watch(m->init.status, POLLIN, init_status_ready, 0);
}
