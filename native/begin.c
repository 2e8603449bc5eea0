/* From the clone of the monitor to the clone of init. */
#include "begin.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "cleanup.h"
#include "failpoint.h"
#include "fill.h"
#include "lib/identity.h"
#include "loop.h"
#include "prepare.h"
#include "record.h"
#include "root.h"
#include "start.h"

void say(struct monitor *m, const char *format, long first, long second)
{
	char line[64];
	int n = snprintf(line, sizeof(line), format, first, second);

	if (m->cli >= 0)
		send(m->cli, line, (size_t)n, MSG_NOSIGNAL);
}

void drop_init(struct monitor *m)
{
	drop_fd(&m->init.status);
	if (m->init.pidfd < 0)
		return;
	pidfd_signal(m->init.pidfd, SIGKILL);
	waitid(P_PID, (id_t)m->init.pid, &(siginfo_t){ 0 }, WEXITED);
	m->init.pid = 0;
	drop_fd(&m->init.pidfd);
}

/* What we have made goes now, whoever still has to be told. */
static void abandon(struct monitor *m)
{
	bool had_init = m->init.pidfd >= 0;

	/* First: what they have in hand is about to be removed, by us or by the CLI. */
	drop_init(m);
	if (had_init)
		record_no_init(m);
	fill_stop();
	cgroup_kill(m);
	root_give_back(m);
	m->exit_status = STATUS_OURS;
	m->phase = PHASE_OVER;
}

void give_up(struct monitor *m)
{
	abandon(m);
	drop_fd(&m->cli);
}

void refuse(struct monitor *m, int err)
{
	abandon(m);
	if (m->listener >= 0) /* Else it is that of another monitor, which has the lock. */
		unlinkat(m->run_dir, "attach", 0);
	say(m, "failed %ld %ld\n", m->step, -err);
}

/* flock(2) tells nobody of its end: how often we look whether a volume is filled. */
#define AGAIN_MS 50

static int64_t again_at;

void begin_advance(struct monitor *m)
{
	int err = 0;

	if (m->phase != PHASE_PREPARING || !m->is_mapped)
		return;
	if (!m->root_mounted)
		err = root_mount(m);
	if (err == 0)
		failpoint(FAIL_AFTER_ROOT);
	if (err == 0 && !m->may_go)
		return;
	if (err == 0) {
		failpoint(FAIL_AFTER_GO);
		err = fill_volumes(m);
	}
	again_at = err == FILL_LOCKED ? now_ms() + AGAIN_MS : 0;
	if (err == 0)
		err = cgroup_prepare(m);
	if (err == 0) {
		m->step = m->set.stage2;
		err = start_init(m);
	}
	if (err < 0)
		refuse(m, err);
}

int64_t begin_turn(struct monitor *m, int64_t now)
{
	if (again_at > 0 && now >= again_at)
		begin_advance(m);
	return m->phase == PHASE_PREPARING ? again_at : 0;
}

static void mapped_ready(struct monitor *m, unsigned unused)
{
	char byte;

	(void)unused;
	if (m->mapped < 0)
		return;
	m->is_mapped = read(m->mapped, &byte, 1) == 1;
	drop_fd(&m->mapped);
	if (m->phase == PHASE_OVER)
		return;
	if (!m->is_mapped) {
		give_up(m); /* The launcher has said why, or was killed. */
		return;
	}
	failpoint(FAIL_AFTER_MAP);
	begin_advance(m);
}

/* `go`, or the end of the CLI, with which everything ends that does not run yet. */
static void cli_ready(struct monitor *m, unsigned unused)
{
	char text[64];

	(void)unused;
	ssize_t n = m->cli < 0 ? -1 : recv(m->cli, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (m->cli < 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (n <= 0 && m->phase == PHASE_OVER) {
		drop_fd(&m->cli); /* It knows why, and removes what is to be removed. */
		return;
	}
	if (n <= 0) {
		give_up(m);
		cleanup(m);
		return;
	}
	text[n] = '\0';
	if (strstr(text, "go\n")) {
		m->may_go = true;
		begin_advance(m);
	}
}

void begin(struct monitor *m)
{
	int err = prepare(m);

	if (err < 0)
		refuse(m, err);
}

void begin_watch(struct monitor *m)
{
	loop_watch(m->mapped, POLLIN, mapped_ready, 0);
	loop_watch(m->cli, POLLIN, cli_ready, 0);
}
