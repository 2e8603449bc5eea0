#include "monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "begin.h"
#include "cgroup.h"
#include "child.h"
#include "cleanup.h"
#include "clients.h"
#include "event.h"
#include "failpoint.h"
#include "farewell.h"
#include "health.h"
#include "ignored.h"
#include "lib/identity.h"
#include "lib/memory.h"
#include "loop.h"
#include "notify.h"
#include "record.h"
#include "restart.h"
#include "sessions.h"
#include "stream.h"

/* How long a stop waits at least for a start that is under way. */
#define START_MS 2000

static void kill_init(struct monitor *m)
{
	m->kill_at = 0;
	if (m->init.pidfd >= 0)
		pidfd_signal(m->init.pidfd, SIGKILL);
}

void monitor_ask_to_end(struct monitor *m, int64_t timeout_ms)
{
	bool at_once = timeout_ms == 0 || signal_is_ignored(m, m->set.stop_signal);
	int64_t kill_at = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;

	/* Killed before it is thawed, a paused one runs no more. */
	if (at_once)
		kill_init(m);
	else
		pidfd_signal(m->init.pidfd, m->set.stop_signal);
	cgroup_freeze(m, false);
	if (!at_once && (m->kill_at == 0 || (kill_at > 0 && kill_at < m->kill_at)))
		m->kill_at = kill_at;
}

/* Whoever started it is told so first: it has started a container, and another has stopped it. */
static void end_once_started(struct monitor *m, int64_t timeout_ms)
{
	m->ends_at_once = true;
	m->end_ms = timeout_ms;
	if (timeout_ms >= 0)
		m->kill_at = now_ms() + (timeout_ms > START_MS ? timeout_ms : START_MS);
}

void monitor_stop(struct monitor *m, int64_t timeout_ms, bool by_user)
{
	m->stopping = true;
	m->stopped_by_user |= by_user;
	m->stop_asked |= by_user;
	m->await_client = false;
	switch (m->phase) {
	case PHASE_PREPARING: give_up(m); return;
	case PHASE_STARTING:
		if (m->cli >= 0)
			end_once_started(m, timeout_ms);
		else
			kill_init(m); /* A restart ends as a death. */
		return;
	case PHASE_DRAINING:
		clients_drop_attached();
		if (m->kill_at == 0)
			m->kill_at = now_ms() + STUCK_MS;
		return;
	case PHASE_RUNNING: break;
	default: return;
	}
	notify_stopping(m);
	monitor_ask_to_end(m, timeout_ms);
}

int monitor_signal(struct monitor *m, int sig)
{
	if (m->init.pidfd < 0)
		return -ESRCH;
	m->stopping |= sig == SIGKILL; /* The container may survive any other, and goes on then. */
	m->stopped_by_user |= sig == SIGKILL || sig == SIGTERM || sig == SIGINT ||
			      sig == m->set.stop_signal;
	int err = pidfd_signal(m->init.pidfd, sig);
	if (err == 0)
		event_record(m, "kill");
	return err;
}

static void signals_ready(struct monitor *m, unsigned unused)
{
	struct signalfd_siginfo info;

	(void)unused;
	while (read(m->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			monitor_stop(m, m->set.stop_timeout_ms, false);
	}
	child_reap(m);
}

static void finish(struct monitor *m)
{
	/* A stop that was asked for has gone well, whatever init made of the signal. */
	m->exit_status = m->stopping ? 0 : m->init.exit_code;
	if (m->restart_recorded)
		record_exit(m); /* It was to begin again, until somebody stopped it or changed the policy. */
	cgroup_clear(m);
	log_close(&m->set.log);
	drop_fd(&m->listener);
	unlinkat(m->run_dir, "attach", 0);
	if (m->set.remove)
		cleanup(m);
	else
		event_record(m, "cleanup");
	clients_tell_exit(m->init.exit_code, true);
	m->phase = PHASE_OVER;
}

static void cli_gone(struct monitor *m, unsigned unused)
{
	(void)unused;
	m->await_client = false;
	drop_fd(&m->cli_pidfd);
}

static void inside_ready(struct monitor *m, unsigned unused)
{
	(void)unused;
	notify_forward(m);
}

static void watch_all(struct monitor *m)
{
	begin_watch(m);
	child_watch(m);
	loop_watch(m->signals, POLLIN, signals_ready, 0);
	if (m->cli < 0)
		loop_watch(m->cli_pidfd, POLLIN, cli_gone, 0);
	loop_watch(m->notify_inside, POLLIN, inside_ready, 0);
	stream_watch(m);
	clients_watch(m);
	sessions_watch();
	health_watch();
}

static void run_out_of_time(struct monitor *m)
{
	if (m->phase == PHASE_STARTING && m->cli >= 0) {
		give_up(m);
		return;
	}
	if (m->phase == PHASE_DRAINING) {
		clients_drop_attached();
		log_give_up(&m->set.log);
		m->kill_at = now_ms() + STUCK_MS; /* What is left may be held up, too. */
		return;
	}
	if (m->phase == PHASE_RUNNING && !m->stopping && !m->restart_asked)
		m->init.exit_code = STATUS_OUT_OF_LIFE;
	kill_init(m);
}

/* What time has brought; the milliseconds until the next such thing. */
static int turn(struct monitor *m)
{
	int64_t now = now_ms();

	if (m->kill_at > 0 && now >= m->kill_at)
		run_out_of_time(m);
	if (m->phase == PHASE_WAITING && !restart_wanted(m))
		finish(m);
	if (m->phase == PHASE_WAITING && now >= m->restart_at)
		restart_now(m);
	/* Behind what lets it go on: nothing wakes us for that. */
	if (m->phase == PHASE_DRAINING && !m->await_client && child_none_left(m) &&
	    stream_drain(m)) {
		if (restart_wanted(m))
			restart_later(m);
		else
			finish(m);
	}
	if (m->trim_at > 0 && now >= m->trim_at) {
		m->trim_at = 0;
		drop_clean_pages();
	}
	const int64_t moments[] = {
		begin_turn(m, now),
		health_turn(m, now),
		clients_listen_again(now),
		clients_overtake(now),
		m->phase == PHASE_WAITING ? m->restart_at : 0,
		m->kill_at,
		m->trim_at,
	};
	return loop_timeout(now, moments, ARRAY_SIZE(moments));
}

int monitor_main(struct monitor *m)
{
	m->own_pidns = m->run_dir = m->state_dir = m->lock = m->listener = m->signals =
		m->notify_inside = m->cgroup = -1;
	m->init = (struct init){ .pidfd = -1, .status = -1 };
	m->await_client = m->set.attach_expected;
	failpoint(FAIL_AFTER_CLONE);
	begin(m);
	while (m->phase != PHASE_OVER || !clients_gone()) {
		int timeout = turn(m);
		if (m->phase == PHASE_OVER && clients_gone())
			break;
		watch_all(m);
		loop_run_once(m, timeout);
	}
	cgroup_leave(m);
	if (m->cli >= 0) {
		farewell(m->cli, m->signals, FAREWELL_MS);
		cgroup_leave(m); /* The CLI may have put us there only now. */
	}
	return m->exit_status;
}
