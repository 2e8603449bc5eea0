#include "health.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "clients.h"
#include "event.h"
#include "loop.h"
#include "probe.h"
#include "results.h"

#define KILL_AGAIN_MS 1000

enum health_status { HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

static const char *const status_names[] = {
	[HEALTH_STARTING] = "starting",
	[HEALTH_HEALTHY] = "healthy",
	[HEALTH_UNHEALTHY] = "unhealthy",
};

static struct {
	enum health_status status;
	unsigned streak;               /* failures in a row */
	bool is_up;                    /* the startup check has passed, or there is none */
	unsigned startup_successes, startup_failures;
	int64_t begun_at, next_at, kill_at, paused_at; /* now_ms(); 0: not */
	struct results results;
} health;

static struct probe probe = { .status = -1, .output = -1 };

static const struct health_check *current(const struct monitor *m)
{
	return health.is_up ? &m->set.health.regular : &m->set.health.startup;
}

static void record(const struct monitor *m)
{
	results_write(m, &health.results, status_names[health.status], health.streak);
}

void health_begin(struct monitor *m)
{
	if (!m->set.health.regular.op)
		return;
	results_clear(&health.results);
	memset(&health, 0, sizeof(health));
	health.is_up = !m->set.health.startup.op;
	health.begun_at = now_ms();
	health.next_at = current(m)->interval_ms > 0 ? health.begun_at : 0;
	record(m);
}

static void restart_init(struct monitor *m)
{
	m->restart_asked = true;
	monitor_ask_to_end(m, m->set.stop_timeout_ms);
}

static void act(struct monitor *m)
{
	switch (m->set.health.action) {
	case HEALTH_KILL: pidfd_signal(m->init.pidfd, SIGKILL); break;
	case HEALTH_STOP: monitor_stop(m, m->set.stop_timeout_ms, true); break;
	case HEALTH_RESTART: restart_init(m); break;
	default: break;
	}
}

static void judge_startup(struct monitor *m, bool is_good)
{
	const struct health_check *check = &m->set.health.startup;

	if (!is_good) {
		health.startup_successes = 0;
		if (check->retries > 0 && ++health.startup_failures >= check->retries)
			restart_init(m);
	} else if (++health.startup_successes >= check->successes) {
		health.is_up = true;
	}
}

static void judge(struct monitor *m, bool is_good)
{
	enum health_status before = health.status;
	bool is_early = now_ms() - health.begun_at < m->set.health.start_period_ms;

	if (is_good) {
		health.streak = 0;
		health.status = HEALTH_HEALTHY;
	} else if (!is_early && ++health.streak >= m->set.health.regular.retries) {
		health.status = HEALTH_UNHEALTHY;
	}
	if (health.status == before)
		return;
	if (!m->set.health.logs_events)
		event_record_health(m, status_names[health.status], NULL);
	if (health.status == HEALTH_UNHEALTHY)
		act(m);
}

static void schedule(const struct monitor *m, bool was_up)
{
	int64_t interval = current(m)->interval_ms;

	/* Once it is up, the first regular check need not wait. */
	health.next_at = now_ms() + (was_up == health.is_up ? interval : 0);
	if (interval == 0)
		health.next_at = 0;
}

static void take_result(struct monitor *m, int code)
{
	bool was_up = health.is_up;

	results_add(&health.results, &probe, code, m->set.health.log_count);
	if (was_up)
		judge(m, code == 0);
	else
		judge_startup(m, code == 0);
	schedule(m, was_up);
	record(m);
	if (m->set.health.logs_events)
		event_record_health(m, status_names[health.status], probe.text ? probe.text : "");
	if (m->trim_at == 0)
		m->trim_at = now_ms() + TRIM_MS;
	clients_tell_health(code == 0 ? 0 : 1);
}

/* What says nothing about the container's health, for it is about to end. */
static void drop_result(struct monitor *m)
{
	schedule(m, health.is_up);
	clients_tell_health(-1);
}

static void begin_probe(struct monitor *m, int64_t now)
{
	const struct health_check *check = current(m);
	int err = probe_start(m, &probe, check);

	health.kill_at = check->timeout_ms > 0 ? now + check->timeout_ms : 0;
	if (err == 0)
		return;
	if (init_is_exiting(m)) {
		drop_result(m);
		return;
	}
	probe_say(&probe, strerror(-err));
	take_result(m, 126);
}

int64_t health_turn(struct monitor *m, int64_t now)
{
	if (!m->set.health.regular.op || m->phase != PHASE_RUNNING || m->stopping ||
	    m->restart_asked || health.paused_at > 0)
		return 0;
	if (probe.pid == 0 && health.next_at > 0 && now >= health.next_at)
		begin_probe(m, now);
	if (probe.pid > 0 && health.kill_at > 0 && now >= health.kill_at) {
		health.kill_at = now + KILL_AGAIN_MS;
		probe_kill(&probe);
	}
	return probe.pid > 0 ? health.kill_at : health.next_at;
}

static void output_ready(struct monitor *m, unsigned unused)
{
	(void)m;
	(void)unused;
	probe_read(&probe);
}

void health_watch(void)
{
	loop_watch(probe.output, POLLIN, output_ready, 0);
}

bool health_ended(struct monitor *m, pid_t pid, int code)
{
	if (probe.pid == 0 || pid != probe.pid)
		return false;
	code = probe_finish(&probe, code);
	if (!m->set.health.regular.op)
		clients_tell_health(-1); /* There is no check any more. */
	else if (m->phase != PHASE_RUNNING || m->stopping ||
	    (code == 128 + SIGKILL && init_is_exiting(m)))
		drop_result(m);
	else
		take_result(m, code);
	return true;
}

int health_request(struct monitor *m)
{
	if (!m->set.health.regular.op)
		return -ENOENT;
	if (m->phase != PHASE_RUNNING || health.paused_at > 0)
		return -ESRCH;
	if (probe.pid == 0)
		begin_probe(m, now_ms());
	return 0;
}

static bool is_same(const struct op *a, const struct op *b)
{
	if (!a || !b || a->argc != b->argc)
		return a == b;
	for (unsigned i = 0; i < a->argc; i++)
		if (strcmp(a->argv[i], b->argv[i]) != 0)
			return false;
	return true;
}

void health_change(struct monitor *m, const struct health_settings *before)
{
	const struct health_settings *now = &m->set.health;

	if (m->phase != PHASE_RUNNING || (is_same(before->regular.op, now->regular.op) &&
					  is_same(before->startup.op, now->startup.op)))
		return;
	if (!before->regular.op) {
		health_begin(m);
	} else if (!now->regular.op) {
		if (probe.pid > 0)
			probe_kill(&probe);
	} else {
		health.is_up = health.is_up || !now->startup.op;
		schedule(m, health.is_up);
	}
}

void health_pause(bool paused)
{
	int64_t now = now_ms();

	if (paused && health.paused_at == 0)
		health.paused_at = now;
	if (paused || health.paused_at == 0)
		return;
	if (health.kill_at > 0)
		health.kill_at += now - health.paused_at;
	health.paused_at = 0;
}
