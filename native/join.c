/*
 * `join PID -- PROGRAM ARG..`: run a program as root in the user, mount and pid namespace of a
 * container's monitor. fuse-overlayfs is started like this, so it dies with the monitor.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "lib/become.h"
#include "lib/child.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

/*
 * With `--pid host` the monitor has no pid namespace of its own, and nobody has a right to enter
 * the host's.
 */
static int pid_namespace(pid_t pid)
{
	struct stat own, other;
	char name[48];

	snprintf(name, sizeof(name), "/proc/%d/ns/pid", (int)pid);
	if (stat("/proc/self/ns/pid", &own) < 0 || stat(name, &other) < 0)
		return CLONE_NEWPID;
	return own.st_ino == other.st_ino ? 0 : CLONE_NEWPID;
}

/* All at once: the rights over the other two come with the user namespace. setns(2) */
static int enter(pid_t pid)
{
	char cwd[PATH_MAX];
	autoclose int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0)
		return report_failure("pidfd_open", errno, NULL);
	if (!getcwd(cwd, sizeof(cwd)))
		strcpy(cwd, "/");
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS | pid_namespace(pid)) < 0)
		return report_failure("setns", errno, NULL);
	if (chdir(cwd) < 0 && chdir("/") < 0) /* setns(2) has moved us to the root. */
		return report_failure("chdir", errno, cwd);
	return become_root(true);
}

/* The error of execve(2) comes back through a pipe that a success closes. */
static int exec_in_child(char **argv)
{
	int report[2], err = 0;
	sigset_t before;

	if (pipe2(report, O_CLOEXEC) < 0)
		return report_failure("pipe2", errno, NULL);
	child_block_signals(&before);
	pid_t child = fork(); /* Only children are in the new pid namespace: setns(2). */
	if (child < 0)
		return report_failure("fork", errno, NULL);
	if (child == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		execvp(argv[0], argv);
		err = errno;
		_exit(write(report[1], &err, sizeof(err)) == sizeof(err) ? 127 : 126);
	}
	close(report[1]);
	ssize_t n = read(report[0], &err, sizeof(err));
	close(report[0]);
	int status = child_wait(child);
	return n == sizeof(err) ? report_failure("exec", err, argv[0]) : status;
}

int verb_join(int argc, char **argv)
{
	uint64_t pid;

	if (argc < 4 || strcmp(argv[2], "--") != 0 || parse_number(argv[1], 10, INT_MAX, &pid) < 0)
		return report_failure("join", EINVAL, "arguments");
	int err = enter((pid_t)pid);
	return err < 0 ? err : exec_in_child(argv + 3);
}
