#include "prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

#include "clients.h"
#include "lib/net.h"
#include "notify.h"
#include "record.h"

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

int prepare(struct monitor *m)
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
