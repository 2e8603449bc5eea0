/* native/restart.c. */
#include "restart.h"

#include "tap.h"

static struct monitor dead(enum restart_policy policy, int code, unsigned restarts, uint64_t max)
{
	struct monitor m = { .restarts = restarts };

	m.set.restart = policy;
	m.set.restart_max = max;
	m.init.exit_code = code;
	m.init.started_ms = now_ms();
	return m;
}

int main(void)
{
	struct monitor m = dead(RESTART_NO, 1, 0, 0);
	ok(!restart_wanted(&m), "without a policy a container stays down");
	m = dead(RESTART_ALWAYS, 0, 1000, 0);
	ok(restart_wanted(&m), "always means after a success, too, and for ever");
	m.stopping = true;
	ok(!restart_wanted(&m), "but not after a stop");
	m = dead(RESTART_ON_FAILURE, 0, 0, 0);
	ok(!restart_wanted(&m), "a success is no failure");
	m = dead(RESTART_ON_FAILURE, 137, 2, 3);
	ok(restart_wanted(&m), "a death by signal is one");
	m = dead(RESTART_ON_FAILURE, 1, 3, 3);
	ok(!restart_wanted(&m), "the third restart of three is the last");
	m = dead(RESTART_NO, 137, 0, 0);
	m.restart_asked = true;
	ok(restart_wanted(&m), "a health check may ask for one, whatever the policy");
	m.stopped_by_user = true;
	ok(restart_wanted(&m), "also of a container that has survived a signal of its user");
	m = dead(RESTART_ALWAYS, 0, 0, 0);
	m.stopped_by_user = true;
	ok(!restart_wanted(&m), "which ends a policy");
	m = dead(RESTART_ALWAYS, 0, 0, 0);
	ok(restart_delay(&m) == 100 && restart_delay(&m) == 200 && restart_delay(&m) == 400,
	   "the delay doubles");
	for (int i = 0; i < 40; i++)
		restart_delay(&m);
	ok(restart_delay(&m) == 60000, "up to a minute");
	m.init.started_ms = now_ms() - 11000;
	ok(restart_delay(&m) == 100, "and begins anew after a run of ten seconds");
	return done();
}
