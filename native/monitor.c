#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "cleanup.h"
#include "clients.h"
#include "failpoint.h"
#include "lib/net.h"
#include "loop.h"
#include "notify.h"
#include "record.h"
#include "restart.h"
#include "root.h"
#include "sessions.h"
#include "start.h"
#include "stream.h"

/* The exit status of what tspod itself could not do, as Podman's. */
#define STATUS_OURS 125

static bool is_mapped, may_go;
static int exit_status;

static void say(struct monitor *m, const char *format, long first, long second)
{
	char line[64];
	int n = snprintf(line, sizeof(line), format, first, second);

	if (m->cli >= 0)
		send(m->cli, line, (size_t)n, MSG_NOSIGNAL);
}

/* Nothing has run yet: the end. The kernel takes with us what we have made. */
static void give_up(struct monitor *m)
{
	if (m->init.pidfd >= 0) {
		pidfd_signal(m->init.pidfd, SIGKILL);
		record_no_init(m);
	}
	cgroup_kill(m);
	exit_status = STATUS_OURS;
	m->phase = PHASE_OVER;
}

static void refuse(struct monitor *m, int err)
{
	give_up(m);
	unlinkat(m->run_dir, "attach", 0);
	say(m, "failed %ld %ld\n", m->step, -err);
}

/* ---- from the clone to `running` ---- */

static int open_directory(struct monitor *m, enum op_kind kind, const char *path, int *fd)
{
	for (unsigned i = 0; i < m->set.stage2; i++)
		if (m->ops.list[i].kind == kind)
			m->step = i;
	*fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

/* The CLI's descriptors 0-2 are its user's: only init may keep them, and only where it was asked for. */
static int leave_terminal(struct monitor *m)
{
	setsid();
	if (m->set.passthrough)
		return 0;
	int fd = open("/dev/null", O_RDWR);
	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	return fd < 0 ? -errno : 0;
}

static int catch_signals(struct monitor *m)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK); /* All are blocked: run.c. */
	return m->signals < 0 ? -errno : 0;
}

static int keep_descriptors(struct monitor *m)
{
	m->kept = calloc(m->set.keep_fds + 1, sizeof(*m->kept));
	if (!m->kept)
		return -ENOMEM;
	for (unsigned i = 0; i < m->set.keep_fds; i++) {
		m->kept[i] = FD_KEPT + (int)i;
		fcntl(m->kept[i], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

/* What needs neither id maps nor the CLI: done while newuidmap runs. */
static int prepare(struct monitor *m)
{
	int err = leave_terminal(m);

	if (err < 0 || (err = catch_signals(m)) < 0 || (err = keep_descriptors(m)) < 0)
		return err;
	if ((err = open_directory(m, OP_RUN_DIR, m->set.run_dir, &m->run_dir)) < 0)
		return err;
	if ((err = open_directory(m, OP_STATE_DIR, m->set.state_dir, &m->state_dir)) < 0)
		return err;
	if ((err = record_lock(m)) < 0 || (err = clients_listen(m)) < 0 || (err = notify_listen(m)) < 0)
		return err;
	if (m->set.ns[NS_NET].mode == NS_NEW && (err = loopback_up()) < 0)
		return err;
	if ((err = log_open(&m->set.log)) < 0)
		return err;
	root_mount(m); /* Mostly works by now; if not, it is tried again when the maps are there. */
	return 0;
}

/* As far as the launcher's and the CLI's words allow. */
static void advance(struct monitor *m)
{
	int err = 0;

	if (m->phase != PHASE_PREPARING || !is_mapped)
		return;
	if (!m->root_mounted)
		err = root_mount(m);
	if (err == 0)
		failpoint(FAIL_AFTER_ROOT);
	if (err == 0 && !may_go)
		return;
	if (err == 0) {
		failpoint(FAIL_AFTER_GO);
		err = cgroup_prepare(m);
	}
	if (err == 0)
		err = root_copyup(m);
	if (err == 0) {
		m->step = m->set.stage2;
		err = start_init(m);
	}
	if (err < 0)
		refuse(m, err);
}

static void mapped_ready(struct monitor *m, unsigned unused)
{
	char byte;

	(void)unused;
	if (m->mapped < 0)
		return;
	is_mapped = read(m->mapped, &byte, 1) == 1;
	drop_fd(&m->mapped);
	if (!is_mapped) {
		give_up(m); /* The launcher has said why, or was killed. */
		return;
	}
	failpoint(FAIL_AFTER_MAP);
	advance(m);
}

/* `go`, or the end of the CLI, with which everything ends that does not run yet. */
static void cli_ready(struct monitor *m, unsigned unused)
{
	char text[64];

	(void)unused;
	ssize_t n = m->cli < 0 ? -1 : recv(m->cli, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (m->cli < 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (n <= 0) {
		give_up(m);
		cleanup(m);
		return;
	}
	text[n] = '\0';
	if (strstr(text, "go\n")) {
		may_go = true;
		advance(m);
	}
}

/* ---- init ---- */

static void init_runs(struct monitor *m)
{
	drop_fd(&m->init.status);
	m->phase = PHASE_RUNNING;
	say(m, "running %ld\n", m->init.host_pid, 0);
	drop_fd(&m->cli);
	failpoint(FAIL_AFTER_RUNNING);
	notify_running(m);
	if (m->restarts > 0)
		record_event(m, "restart", "");
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
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s\n", argv[0], argv[1], argv[2]);
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
	ssize_t n = m->init.status < 0 ? -EAGAIN :
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
	char extra[32];

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
	snprintf(extra, sizeof(extra), ",\"exitCode\":%d", init->exit_code);
	record_event(m, "died", extra);
	m->kill_at = 0;
	m->phase = PHASE_DRAINING;
	if (m->set.ns[NS_PID].mode != NS_NEW)
		cgroup_kill(m); /* No pid namespace of ours has ended with it. */

}

/* Reap; the exit record comes before init's zombie goes, which until then counts as running. */
static void reap(struct monitor *m)
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
		} else {
			session_ended(m, info.si_pid, code);
		}
		info.si_pid = 0;
	}
}

static void signals_ready(struct monitor *m, unsigned unused)
{
	struct signalfd_siginfo info;

	(void)unused;
	while (read(m->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			monitor_stop(m, m->set.stop_timeout_ms, false);
	}
	reap(m);
}

/* ---- stop, restart, end ---- */

static void kill_init(struct monitor *m)
{
	m->kill_at = 0;
	if (m->init.pidfd >= 0)
		pidfd_signal(m->init.pidfd, SIGKILL);
}

void monitor_stop(struct monitor *m, int64_t timeout_ms, bool by_user)
{
	m->stopping = true;
	m->stopped_by_user |= by_user;
	m->await_client = false;
	switch (m->phase) {
	case PHASE_PREPARING:
	case PHASE_STARTING: give_up(m); return;
	case PHASE_DRAINING: clients_drop_attached(); return;
	case PHASE_RUNNING: break;
	default: return;
	}
	notify_stopping(m);
	cgroup_freeze(m, false);
	pidfd_signal(m->init.pidfd, m->set.stop_signal);
	int64_t kill_at = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;
	if (timeout_ms == 0)
		kill_init(m);
	else if (m->kill_at == 0 || (kill_at > 0 && kill_at < m->kill_at))
		m->kill_at = kill_at;
}

int monitor_signal(struct monitor *m, int sig)
{
	if (m->init.pidfd < 0)
		return -ESRCH;
	if (sig == SIGKILL || sig == SIGTERM || sig == SIGINT || sig == m->set.stop_signal) {
		m->stopping = m->stopped_by_user = true;
	}
	return pidfd_signal(m->init.pidfd, sig);
}

static void restart_later(struct monitor *m)
{
	clients_tell_exit(m->init.exit_code, false);
	m->restart_at = now_ms() + restart_delay(m);
	m->phase = PHASE_WAITING;
}

static void restart_now(struct monitor *m)
{
	m->restarts++;
	m->step = m->set.stage2;
	if (start_init(m) < 0) {
		m->init.exit_code = STATUS_OURS;
		record_exit(m);
		m->phase = PHASE_DRAINING;
	}
}

static void finish(struct monitor *m)
{
	/* A stop that was asked for has gone well, whatever init made of the signal. */
	exit_status = m->stopping ? 0 : m->init.exit_code;
	log_close(&m->set.log);
	drop_fd(&m->listener);
	unlinkat(m->run_dir, "attach", 0);
	if (m->set.remove) {
		cleanup(m);
		record_event(m, "remove", "");
	}
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
	loop_watch(m->mapped, POLLIN, mapped_ready, 0);
	loop_watch(m->cli, POLLIN, cli_ready, 0);
	loop_watch(m->init.status, POLLIN, init_status_ready, 0);
	loop_watch(m->signals, POLLIN, signals_ready, 0);
	if (m->cli < 0)
		loop_watch(m->cli_pidfd, POLLIN, cli_gone, 0);
	loop_watch(m->notify_inside, POLLIN, inside_ready, 0);
	stream_watch(m);
	clients_watch(m);
	sessions_watch();
}

/* What time has brought; the milliseconds until the next such thing. */
static int turn(struct monitor *m)
{
	int64_t now = now_ms(), next = -1;

	if (m->phase == PHASE_DRAINING && !m->await_client && stream_drain(m)) {
		if (restart_wanted(m))
			restart_later(m);
		else
			finish(m);
	}
	if (m->phase == PHASE_WAITING && m->stopping)
		finish(m);
	if (m->phase == PHASE_WAITING && now >= m->restart_at)
		restart_now(m);
	if (m->kill_at > 0 && now >= m->kill_at)
		kill_init(m);
	if (m->phase == PHASE_WAITING)
		next = m->restart_at - now;
	if (m->kill_at > 0)
		next = m->kill_at - now;
	return next < 0 ? -1 : next > 3600000 ? 3600000 : (int)next;
}

int monitor_main(struct monitor *m)
{
	m->own_pidns = m->run_dir = m->state_dir = m->lock = m->listener = m->notify_inside = m->cgroup = -1;
	m->init = (struct init){ .pidfd = -1, .status = -1 };
	m->await_client = m->set.attach_expected;
	failpoint(FAIL_AFTER_CLONE);
	int err = prepare(m);
	if (err < 0)
		refuse(m, err);
	is_mapped = m->set.userns_join > 0;
	while (m->phase != PHASE_OVER || !clients_gone()) {
		int timeout = turn(m);
		if (m->phase == PHASE_OVER && clients_gone())
			break;
		watch_all(m);
		loop_run_once(m, timeout);
	}
	return exit_status;
}
