/*
 * `join PID [net] -- PROGRAM ARG..`: run a program as root in the user, mount and pid namespace of a
 * container's monitor: fuse-overlayfs and pasta, which go into the background when they are ready.
 * The kernel ends them with the monitor, which is pid 1 there. Where it has no pid namespace of its
 * own (`--pid host`), the program gets one whose pid 1 ends when the monitor does; so it ends with
 * either of them, whatever is killed. Our status is the program's own.
 *
 * With `net` PROGRAM gets one more argument, a path to the network namespace of the monitor.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/become.h"
#include "lib/child.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

/* Then it is nobody's pid 1. */
static bool shares_pid_namespace(pid_t pid)
{
	struct stat own, other;
	char name[48];

	snprintf(name, sizeof(name), "/proc/%d/ns/pid", (int)pid);
	if (stat("/proc/self/ns/pid", &own) < 0 || stat(name, &other) < 0)
		return false;
	return own.st_ino == other.st_ino;
}

/*
 * All at once: the rights over the other two come with the user namespace. setns(2). Nobody has a
 * right to enter the pid namespace of the host: there a new one is for our children.
 */
static int enter(int pidfd, bool is_guarded)
{
	char cwd[PATH_MAX];
	int pid_namespace = is_guarded ? 0 : CLONE_NEWPID;

	if (!getcwd(cwd, sizeof(cwd)))
		strcpy(cwd, "/");
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS | pid_namespace) < 0)
		return report_failure("setns", errno, NULL);
	if (chdir(cwd) < 0 && chdir("/") < 0) /* setns(2) has moved us to the root. */
		return report_failure("chdir", errno, cwd);
	int err = become_root(true);
	if (err == 0 && is_guarded && unshare(CLONE_NEWPID) < 0)
		err = report_failure("unshare", errno, NULL);
	return err;
}

/* The error of execve(2) goes back through a pipe that a success closes. */
static _Noreturn void exec_program(char **argv, int report)
{
	execvp(argv[0], argv);
	int err = errno;
	_exit(write(report, &err, sizeof(err)) == sizeof(err) ? 127 : 126);
}

/* With us ends all that is in our pid namespace: pid_namespaces(7). */
static _Noreturn void watch(int pidfd)
{
	struct pollfd monitor = { .fd = pidfd, .events = POLLIN };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	close_range((unsigned)pidfd + 1, ~0U, 0);
	signal(SIGCHLD, SIG_IGN);
	while (poll(&monitor, 1, -1) < 0 && errno == EINTR)
		;
	_exit(0);
}

/* As pid 1: start the program, wait until it is in the background, say so, and stay for it. */
static _Noreturn void guard(int pidfd, char **argv, int report, int ready)
{
	int status;

	setsid();
	pid_t child = fork();
	if (child == 0)
		exec_program(argv, report);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		_exit(125);
	if (status != 0)
		_exit(child_exit_code(status));
	write_all(ready, "", 1);
	watch(pidfd);
}

/* An empty directory of our own; of a chroot(2) alone `..` would lead out. */
static int leave_files(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return report_failure("unshare", errno, NULL);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return report_failure("mount", errno, "/proc");
	if (chdir("/proc") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0)
		return report_failure("pivot_root", errno, "/proc");
	return 0;
}

/*
 * What is at /proc/PID/ns/net of the monitor opens to nobody whose capabilities are fewer,
 * ptrace(2), and pasta gives up most of its own before. Ours are fewer still from here on, and we
 * stay until it is ready. With `--pid host` a container of the same user namespace sees us, too:
 * one that has these two capabilities may look into us, and finds nothing.
 */
static int show_network(int pidfd)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = {
		{ .permitted = 1U << CAP_SYS_ADMIN | 1U << CAP_NET_ADMIN }
	};

	if (setns(pidfd, CLONE_NEWNET) < 0)
		return report_failure("setns", errno, NULL);
	int err = leave_files();
	if (err < 0)
		return err;
	if (syscall(SYS_capset, &header, kept) < 0)
		return report_failure("capset", errno, NULL);
	return prctl(PR_SET_DUMPABLE, 1) < 0 ? report_failure("prctl", errno, NULL) : 0;
}

struct joining {
	int pidfd;          /* of the monitor */
	char **argv;
	bool is_guarded, shows_network;
	int gate[2];        /* the program may be run */
	int report[2];      /* why it cannot */
	int ready[2];       /* the guard has it in the background */
};

/* Only children are in the new pid namespace: setns(2). */
static pid_t fork_inside(struct joining *j)
{
	sigset_t before;
	char byte;

	child_block_signals(&before);
	pid_t child = fork();
	if (child != 0)
		return child;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(j->gate[1]);
	if (read(j->gate[0], &byte, 1) != 1)
		_exit(125);
	if (!j->is_guarded)
		exec_program(j->argv, j->report[1]);
	guard(j->pidfd, j->argv, j->report[1], j->ready[1]);
}

/* 0 once the program is in the background, else its exit status. */
static int wait_for(struct joining *j, pid_t child)
{
	char byte;

	close(j->ready[1]);
	if (j->is_guarded && read(j->ready[0], &byte, 1) == 1)
		return 0;
	return child_wait(child);
}

static int run_inside(struct joining *j)
{
	int reason;

	if (pipe2(j->gate, O_CLOEXEC) < 0 || pipe2(j->report, O_CLOEXEC) < 0 ||
	    pipe2(j->ready, O_CLOEXEC) < 0)
		return report_failure("pipe2", errno, NULL);
	pid_t child = fork_inside(j);
	if (child < 0)
		return report_failure("fork", errno, NULL);
	close(j->report[1]);
	int err = j->shows_network ? show_network(j->pidfd) : 0;
	if (err == 0)
		err = write_all(j->gate[1], "", 1);
	close(j->gate[1]);
	int status = wait_for(j, child);
	if (err < 0)
		return err;
	if (read(j->report[0], &reason, sizeof(reason)) == sizeof(reason))
		return report_failure("exec", reason, j->argv[0]);
	return status;
}

/* What stands before the program's words goes, and a path comes after them. */
static void add_network(char **argv, int argc)
{
	static char path[48];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)getpid());
	memmove(argv - 1, argv, (size_t)argc * sizeof(*argv));
	argv[argc - 1] = path;
}

int verb_join(int argc, char **argv)
{
	uint64_t pid;
	int net = argc > 2 && strcmp(argv[2], "net") == 0;

	if (argc < 4 + net || strcmp(argv[2 + net], "--") != 0 ||
	    parse_number(argv[1], 10, INT_MAX, &pid) < 0)
		return report_failure("join", EINVAL, "arguments");
	close_range(4, ~0U, 0);
	autoclose int pidfd = pidfd_open((pid_t)pid, 0);
	if (pidfd < 0)
		return report_failure("pidfd_open", errno, NULL);
	struct joining j = {
		.pidfd = pidfd,
		.argv = argv + 3,
		.is_guarded = shares_pid_namespace((pid_t)pid),
		.shows_network = net,
	};
	if (net)
		add_network(argv + 4, argc - 4);
	int err = enter(pidfd, j.is_guarded);
	return err < 0 ? err : run_inside(&j);
}
