/*
 * The launcher: reads the ops, clones the monitor into its namespaces, has the id maps written from
 * outside while the monitor prepares, and is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "failpoint.h"
#include "lib/report.h"
#include "monitor.h"
#include "seal.h"
#include "verbs.h"

#define OPS_MAX (16 << 20)
#define MAP_ENTRIES_MAX 340 /* user_namespaces(7) */

/* Whether the CLI still listens is the monitor's to find out. */
static void tell(const char *word, long number)
{
	char line[64];

	send(FD_CLI, line, (size_t)snprintf(line, sizeof(line), "%s %ld\n", word, number), MSG_NOSIGNAL);
}

static void tell_created(long pid, int lifeline)
{
	char line[64];

	write_all(FD_CLI, line, (size_t)snprintf(line, sizeof(line), "created %ld %d\n", pid, lifeline));
}

static int tell_failed(unsigned op, int err)
{
	char line[64];

	send(FD_CLI, line, (size_t)snprintf(line, sizeof(line), "failed %u %d\n", op, -err), MSG_NOSIGNAL);
	return 125;
}

static unsigned find_op(const struct ops *ops, enum op_kind kind)
{
	unsigned i = 0;

	while (i < ops->count && ops->list[i].kind != kind)
		i++;
	return i < ops->count ? i : 0;
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

static int spawn_map_helper(const struct ops *ops, enum op_kind kind, const char *path, pid_t target,
			    pid_t *helper)
{
	static char pid_text[16];
	char *argv[3 + 3 * MAP_ENTRIES_MAX] = { (char *)(uintptr_t)path, pid_text };
	unsigned used = 2;

	snprintf(pid_text, sizeof(pid_text), "%d", (int)target);
	for (unsigned i = 0; i < ops->count; i++) {
		if (ops->list[i].kind != kind)
			continue;
		if (used + 3 >= ARRAY_SIZE(argv))
			return -E2BIG;
		for (unsigned k = 0; k < 3; k++)
			argv[used++] = ops->list[i].argv[k];
	}
	argv[used] = NULL;
	/* Not vfork(2): the second helper shall not wait for the first one's execve. */
	*helper = fork();
	if (*helper == 0) {
		execve(path, argv, environ);
		_exit(127);
	}
	return *helper < 0 ? -errno : 0;
}

/* newuidmap and newgidmap side by side; they say on standard error what they dislike. */
static int map_with_helpers(struct monitor *m, pid_t pid)
{
	const struct {
		enum op_kind map, helper;
		const char *path;
	} sides[] = { { OP_UIDMAP, OP_NEWUIDMAP, m->set.newuidmap }, { OP_GIDMAP, OP_NEWGIDMAP, m->set.newgidmap } };
	pid_t helpers[2];
	int err = 0;

	for (unsigned i = 0; i < 2; i++) {
		int one = spawn_map_helper(&m->ops, sides[i].map, sides[i].path, pid, &helpers[i]);
		if (one < 0) {
			helpers[i] = -1;
			err = one;
			m->step = find_op(&m->ops, sides[i].helper);
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		int status;
		if (helpers[i] < 0 || waitpid(helpers[i], &status, 0) < 0 || status == 0)
			continue;
		m->step = find_op(&m->ops, sides[i].map);
		err = -EPERM;
	}
	return err;
}

static int write_map(const struct ops *ops, enum op_kind kind, int proc, const char *file)
{
	char text[4096];
	size_t used = 0;

	for (unsigned i = 0; i < ops->count; i++) {
		char **argv = ops->list[i].argv;
		if (ops->list[i].kind != kind)
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s\n", argv[0], argv[1], argv[2]);
		if (used >= sizeof(text))
			return -E2BIG;
	}
	return used > 0 ? write_file_at(proc, file, text, used) : 0;
}

/* One's own id needs no helper, but gives up setgroups(2) first: user_namespaces(7). */
static int map_directly(struct monitor *m, pid_t pid)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/%d", (int)pid);
	autoclose int proc = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return -errno;
	int err = geteuid() == 0 ? 0 : write_file_at(proc, "setgroups", "deny", 4);
	if (err == 0) {
		m->step = find_op(&m->ops, OP_UIDMAP);
		err = write_map(&m->ops, OP_UIDMAP, proc, "uid_map");
	}
	if (err == 0) {
		m->step = find_op(&m->ops, OP_GIDMAP);
		err = write_map(&m->ops, OP_GIDMAP, proc, "gid_map");
	}
	return err;
}

static int join_userns(struct monitor *m)
{
	m->step = find_op(&m->ops, OP_USERNS_JOIN);
	autoclose int pidfd = pidfd_open(m->set.userns_join, 0);
	if (pidfd < 0 || setns(pidfd, CLONE_NEWUSER) < 0)
		return -errno;
	return 0;
}

/* The namespaces of the monitor. With another pid namespace than our own init's death is not ours: DESIGN.md §3.7. */
static uint64_t namespaces(const struct settings *set)
{
	uint64_t flags = CLONE_NEWNS;

	if (set->userns_join == 0)
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
		.flags = namespaces(&m->set) | CLONE_PIDFD,
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

	int err = m->set.userns_join ? join_userns(m) : 0;
	/* The monitor alone keeps the lifeline: its end hangs up on slirp4netns(1), which has the other. */
	if (err < 0 || pipe2(mapped, O_CLOEXEC) < 0 || pipe2(lifeline, O_CLOEXEC) < 0)
		return err < 0 ? err : -errno;
	m->step = find_op(&m->ops, OP_UIDMAP);
	int pid = clone_monitor(m, mapped, &pidfd);
	if (pid < 0)
		return pid;
	tell_created(pid, lifeline[0]);
	if (m->set.userns_join == 0)
		err = m->set.newuidmap && m->set.newgidmap ? map_with_helpers(m, pid) : map_directly(m, pid);
	if (err < 0) {
		pidfd_signal(pidfd, SIGKILL);
		waitpid(pid, NULL, 0);
		return err;
	}
	tell("mapped", pid);
	return write_all(mapped[1], "m", 1);
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
	m.notify = m.set.notify_socket ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
	err = launch(&m);
	return err < 0 ? tell_failed(m.step, err) : 0;
}
