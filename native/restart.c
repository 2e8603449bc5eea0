#include "restart.h"

#include "begin.h"
#include "cgroup.h"
#include "clients.h"
#include "event.h"
#include "record.h"
#include "start.h"

/* As Docker: 100 ms, doubled at each death within ten seconds of a start, one minute at most. */
#define DELAY_FIRST_MS 100
#define DELAY_MAX_MS 60000
#define QUICK_MS 10000

bool restart_wanted(const struct monitor *m)
{
	if (m->stopping)
		return false;
	if (m->restart_asked)
		return true;
	if (m->stopped_by_user)
		return false;
	switch (m->set.restart) {
	case RESTART_ALWAYS:
	case RESTART_UNLESS_STOPPED: return true;
	case RESTART_ON_FAILURE:
		return m->init.exit_code != 0 &&
		       (m->set.restart_max == 0 || m->restarts < m->set.restart_max);
	default: return false;
	}
}

int64_t restart_delay(struct monitor *m)
{
	int64_t delay = DELAY_FIRST_MS;

	m->quick_deaths = now_ms() - m->init.started_ms < QUICK_MS ? m->quick_deaths + 1 : 1;
	for (unsigned i = 1; i < m->quick_deaths && delay < DELAY_MAX_MS; i++)
		delay *= 2;
	return delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS;
}

void restart_later(struct monitor *m)
{
	if (!m->restart_recorded)
		record_exit(m); /* An update has changed the policy meanwhile. */
	clients_tell_exit(m->init.exit_code, false);
	m->restart_at = now_ms() + restart_delay(m);
	m->phase = PHASE_WAITING;
}

void restart_now(struct monitor *m)
{
	if (!m->restart_asked)
		m->restarts++;
	m->restart_asked = m->stopped_by_user = false;
	cgroup_clear(m);
	event_record(m, "restart");
	m->step = m->set.stage2;
	if (start_init(m) < 0) {
		drop_init(m);
		m->init.exit_code = STATUS_OURS;
		record_exit(m);
		m->phase = PHASE_DRAINING;
	}
}
