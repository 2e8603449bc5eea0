/* native/monitor.c: the end of a container. */
#include "../../native/monitor.c"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tap.h"

/* A log whose journal nobody reads. */
static struct log stuck_journal(void)
{
	static struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct log log = { .driver = LOG_JOURNALD, .id = "0123456789abcdef", .name = "c", .tag = "" };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *top = tap_directory();

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/journal", top);
	log.path = address.sun_path;
	if (bind(sock, (struct sockaddr *)&address, sizeof(address)) < 0 || log_open(&log) < 0)
		exit(2);
	unlink(address.sun_path);
	rmdir(top);
	return log;
}

/* More than is read at once, of a container that is dead. */
static void leave_output(struct monitor *m)
{
	int inner[3] = { -1, -1, -1 };
	char lines[1000];

	memset(lines, '\n', sizeof(lines));
	if (stream_open(m, inner) < 0)
		exit(2);
	for (int i = 0; i < 60; i++)
		write_all(inner[1], lines, sizeof(lines));
	stream_close_inner(inner);
}

int main(void)
{
	static struct monitor m = {
		.phase = PHASE_DRAINING,
		.init = { .pidfd = -1, .status = -1 },
		.cli = -1,
		.cli_pidfd = -1,
		.mapped = -1,
		.listener = -1,
		.signals = -1,
		.notify_inside = -1,
		.run_dir = -1,
		.cgroup = -1,
	};

	m.set.ns[NS_PID].mode = NS_NEW;
	m.set.log = stuck_journal();
	leave_output(&m);
	ok(turn(&m) == -1 && m.phase == PHASE_DRAINING,
	   "the last output waits for a journal that takes nothing");
	monitor_stop(&m, 10000, true);
	for (int timeout; (timeout = turn(&m)) >= 0 && m.phase != PHASE_OVER;) {
		watch_all(&m);
		loop_run_once(&m, timeout);
	}
	ok(m.phase == PHASE_OVER, "a stop that comes then does not wait for ever");
	return done();
}
