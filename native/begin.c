/* From the clone of the monitor to the clone of init. */
#include "begin.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "cleanup.h"
#include "clients.h"
#include "failpoint.h"
#include "lib/identity.h"
#include "lib/net.h"
#include "loop.h"
#include "notify.h"
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
	record_no_init(m);
	m->init.pid = 0;
	drop_fd(&m->init.pidfd);
}

void give_up(struct monitor *m)
{
	drop_init(m); /* First: its files are about to be removed, by us or by the CLI. */
	cgroup_kill(m);
	m->exit_status = STATUS_OURS;
	m->phase = PHASE_OVER;
}

void refuse(struct monitor *m, int err)
{
	give_up(m);
	unlinkat(m->run_dir, "attach", 0);
	say(m, "failed %ld %ld\n", m->step, -err);
}

static int open_directory(struct monitor *m, enum op_kind kind, const char *path, int *fd)
{
	m->step = ops_find(&m->ops, kind);
	*fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

/*
 * The CLI's descriptors 0-2 are its user's: only init may keep them, and only where it was asked
 * for.
 */
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

/*
 * The keys of the caller's session are inherited over fork and execve, whatever the user namespace,
 * and who has the keyring may read them: keyrings(7), session-keyring(7). A kernel, or a filter
 * around us, without keys has none.
 */
static int leave_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS &&
	    errno != EPERM)
		return -errno;
	return 0;
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

static bool is_in(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return path && strncmp(path, directory, len) == 0 && path[len] == '/' &&
	       !strchr(path + len + 1, '/');
}

/* What needs neither id maps nor the CLI: done while newuidmap runs. */
static int prepare_all(struct monitor *m)
{
	int err = leave_terminal(m);

	if (err == 0)
		err = leave_keyring();
	if (m->set.ns[NS_PID].mode != NS_NEW)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (err < 0 || (err = catch_signals(m)) < 0 || (err = keep_descriptors(m)) < 0)
		return err;
	if ((err = open_directory(m, OP_RUN_DIR, m->set.run_dir, &m->run_dir)) < 0)
		return err;
	if ((err = open_directory(m, OP_STATE_DIR, m->set.state_dir, &m->state_dir)) < 0)
		return err;
	if ((err = record_lock(m)) < 0 || (err = clients_listen(m)) < 0 ||
	    (err = notify_listen(m)) < 0)
		return err;
	if (m->set.ns[NS_NET].mode == NS_NEW && (err = loopback_up()) < 0)
		return err;
	if (m->set.ns[NS_NET].mode == NS_NEW)
		ipv6_at_once();
	if (m->set.ns[NS_NET].mode == NS_NEW && m->set.nested)
		low_ports_to_all();
	m->step = ops_find(&m->ops, OP_LOG);
	m->set.log.is_elsewhere = !is_in(m->set.log.path, m->set.state_dir);
	m->set.log.notes = m->state_dir;
	return log_open(&m->set.log);
}

/* flock(2) tells nobody of its end: how often we look whether a volume is filled. */
#define AGAIN_MS 50

static int64_t again_at;

/* As far as the launcher's and the CLI's words allow. */
static void advance(struct monitor *m)
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
		err = root_copyup(m);
	}
	again_at = err == ROOT_BUSY ? now_ms() + AGAIN_MS : 0;
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
		advance(m);
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
	if (!m->is_mapped) {
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
		m->may_go = true;
		advance(m);
	}
}

void begin(struct monitor *m)
{
	int err = prepare_all(m);

	if (err < 0)
		refuse(m, err);
}

void begin_watch(struct monitor *m)
{
	loop_watch(m->mapped, POLLIN, mapped_ready, 0);
	loop_watch(m->cli, POLLIN, cli_ready, 0);
}
