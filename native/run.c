/*
 * The launcher: reads the ops, clones the monitor into its namespaces, has the id maps written from
 * outside while the monitor prepares, and is gone; but where nothing else holds the container
 * together, it stays for what a monitor leaves that is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "failpoint.h"
#include "farewell.h"
#include "idmaps.h"
#include "lib/identity.h"
#include "monitor.h"
#include "orphans.h"
#include "seal.h"
#include "verbs.h"

#define OPS_MAX (16 << 20)

/* Whether the CLI still listens is the monitor's to find out. */
static void tell(const char *word, long number)
{
	char line[64];

	send(FD_CLI, line, (size_t)snprintf(line, sizeof(line), "%s %ld\n", word, number),
	     MSG_NOSIGNAL);
}

static void tell_created(long pid, int lifeline)
{
	char line[64];

	write_all(FD_CLI, line,
		  (size_t)snprintf(line, sizeof(line), "created %ld %d\n", pid, lifeline));
}

static int tell_failed(unsigned op, int err)
{
	char line[64];

	send(FD_CLI, line, (size_t)snprintf(line, sizeof(line), "failed %u %d\n", op, -err),
	     MSG_NOSIGNAL);
	farewell(FD_CLI, -1, FAREWELL_MS);
	return 125;
}

static int read_ops(struct monitor *m)
{
	char *text;
	size_t len;
	int err = read_to_end(FD_OPS, OPS_MAX, &text, &len);

	if (err < 0)
		return err;
	close(FD_OPS);
	err = ops_decode(&m->ops, text, len, &m->step);
	return err < 0 ? err : settings_parse(&m->set, &m->ops, &m->step);
}

/* A container starts with default dispositions, also below nohup(1); SIG_IGN would outlive exec. */
static void reset_signals(void)
{
	for (int sig = 1; sig < SIGRTMIN; sig++)
		signal(sig, SIG_DFL);
}

static int join_userns(struct monitor *m)
{
	m->step = ops_find(&m->ops, OP_USERNS_JOIN);
	autoclose int pidfd = pidfd_open(m->set.userns_join, 0);
	if (pidfd < 0 || setns(pidfd, CLONE_NEWUSER) < 0)
		return -errno;
	m->is_mapped = true;
	return 0;
}

static bool joins_netns(const struct settings *set)
{
	return set->userns_join == 0 && set->ns[NS_NET].mode == NS_PATH;
}

/*
 * A network namespace that somebody else made can be joined from the user namespace that owns it,
 * or from above, and nobody comes back from there: so the monitor and all below it live there.
 * setns(2), ioctl_ns(2).
 */
static int join_netns(struct monitor *m)
{
	m->step = ops_find(&m->ops, OP_NETNS);
	autoclose int net = open(m->set.ns[NS_NET].path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (net < 0)
		return -errno;
	autoclose int owner = ioctl(net, NS_GET_USERNS);
	if (owner < 0)
		return -errno;
	/* EINVAL: it is ours, whose capabilities we do not have. */
	if (setns(owner, CLONE_NEWUSER) < 0)
		return errno == EINVAL ? -EPERM : -errno;
	if (setns(net, CLONE_NEWNET) < 0)
		return -errno;
	m->set.ns[NS_NET].mode = NS_HOST; /* init has it from its birth. */
	m->is_mapped = true;
	return 0;
}

/*
 * The namespaces of the monitor. With another pid namespace than our own init's death is not ours:
 * DESIGN.md §3.7.
 */
static uint64_t namespaces(const struct monitor *m)
{
	const struct settings *set = &m->set;
	uint64_t flags = CLONE_NEWNS;

	if (!m->is_mapped)
		flags |= CLONE_NEWUSER;
	if (set->ns[NS_PID].mode == NS_NEW)
		flags |= CLONE_NEWPID;
	if (set->ns[NS_NET].mode == NS_NEW)
		flags |= CLONE_NEWNET;
	return flags;
}

static int clone_monitor(struct monitor *m, int mapped[2], int *pidfd)
{
	struct clone_args args = {
		.flags = namespaces(m) | CLONE_PIDFD,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		close(mapped[1]); /* So that its end tells of the launcher's death. */
		m->mapped = mapped[0];
		_exit(monitor_main(m));
	}
	int err = pid < 0 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err < 0 ? err : (int)pid;
}

static int launch(struct monitor *m)
{
	autoclose int pidfd = -1;
	int mapped[2], lifeline[2];

	int err = m->set.userns_join ? join_userns(m) : joins_netns(&m->set) ? join_netns(m) : 0;
	/*
	 * The monitor alone keeps the lifeline: its end hangs up on slirp4netns(1), which has the
	 * other.
	 */
	if (err < 0 || pipe2(mapped, O_CLOEXEC) < 0 || pipe2(lifeline, O_CLOEXEC) < 0)
		return err < 0 ? err : -errno;
	m->step = ops_find(&m->ops, OP_ID); /* No map is at fault where no namespace can be made. */
	if (orphans_possible(&m->set))
		orphans_adopt();
	int pid = clone_monitor(m, mapped, &pidfd);
	if (pid < 0)
		return pid;
	tell_created(pid, lifeline[0]);
	if (!m->is_mapped)
		err = write_id_maps(m, pid);
	if (err < 0) {
		pidfd_signal(pidfd, SIGKILL);
		waitpid(pid, NULL, 0);
		return err;
	}
	tell("mapped", pid);
	err = write_all(mapped[1], "m", 1);
	if (err == 0 && orphans_possible(&m->set))
		orphans_end(pid);
	return err;
}

int verb_run(int argc, char **argv)
{
	static struct monitor m;

	(void)argc;
	reset_signals();
	int err = seal_executable(argv);
	if (err == 0)
		err = read_ops(&m);
	if (err < 0)
		return tell_failed(m.step, err);
	failpoint_choose();
	close_range(FD_KEPT + m.set.keep_fds, ~0U, 0);
	m.cli = FD_CLI;
	fcntl(FD_CLI, F_SETFD, FD_CLOEXEC);
	m.cli_pidfd = m.set.attach_expected ? pidfd_open(getppid(), 0) : -1;
	/* An abstract address is one of this network namespace, which the monitor may not share. */
	m.notify = -1;
	if (m.set.notify_socket)
		m.notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = launch(&m);
	return err < 0 ? tell_failed(m.step, err) : 0;
}
