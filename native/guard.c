/*
 * `guard PID -- PROGRAM ARG..`: a program that goes into the background when it is ready (pasta;
 * with `--pid host` fuse-overlayfs), and ends with the monitor PID although it does not know it.
 * Our status is the program's own; after a success the pids of the guard and of what stayed in the
 * background are on standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/child.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

/* Our children as text, `12 34 `: proc(5). A subreaper's include what its children left behind. */
static ssize_t read_children(char *text, size_t size)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/task/%d/children", (int)getpid());
	return read_file_at(AT_FDCWD, name, text, size);
}

static void kill_children(void)
{
	char text[1024];

	if (read_children(text, sizeof(text)) < 0)
		return;
	for (char *at = text, *next; (next = strchr(at, ' ')); at = next + 1)
		kill((pid_t)strtol(at, NULL, 10), SIGKILL);
}

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
	kill_children();
	_exit(0);
}

/* In the guard: start the program, wait until it is in the background, say who is there. */
static _Noreturn void guard(int pidfd, int report, char **argv)
{
	char children[1024] = "", line[sizeof(children) + 32];
	int status;

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid_t child = fork();
	if (child == 0) {
		execv(argv[0], argv);
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		_exit(125);
	if (status != 0)
		_exit(child_exit_code(status));
	read_children(children, sizeof(children));
	int n = snprintf(line, sizeof(line), "%d %s\n", (int)getpid(), children);
	write_all(STDOUT_FILENO, line, (size_t)n);
	write_all(report, "", 1);
	close(report);
	watch(pidfd);
}

int verb_guard(int argc, char **argv)
{
	uint64_t pid;
	int report[2], status;
	char ready;

	if (argc < 4 || strcmp(argv[2], "--") != 0 || parse_number(argv[1], 10, INT_MAX, &pid) < 0)
		return report_failure("guard", EINVAL, "arguments");
	autoclose int pidfd = pidfd_open((pid_t)pid, 0);
	if (pidfd < 0 || pipe2(report, O_CLOEXEC) < 0)
		return report_failure(pidfd < 0 ? "pidfd_open" : "pipe2", errno, NULL);
	pid_t child = fork();
	if (child < 0)
		return report_failure("fork", errno, NULL);
	if (child == 0)
		guard(pidfd, report[1], argv + 3);
	close(report[1]);
	if (read(report[0], &ready, 1) == 1)
		return 0;
	return waitpid(child, &status, 0) < 0 ? report_failure("waitpid", errno, NULL) :
						child_exit_code(status);
}
