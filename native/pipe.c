/*
 * `pipe COUNT WORD.. VERB..`: two verbs at once, the first COUNT words one of them, what it writes
 * to standard output the standard input of the other. Each reports its own failure, the first one
 * first.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>

#include "lib/child.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

/* The kernel's usual limit, /proc/sys/fs/pipe-max-size. */
#define PIPE_BYTES (1 << 20)

/* The rest of our life in a child; the words are followed by NULL only at the end of argv. */
static _Noreturn void become(int argc, char **argv, int from, int to)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(from, to) < 0)
		_exit(125);
	int status = verb_named(argc, argv);
	if (status < 0)
		report_print(-status);
	_exit(status < 0 ? 125 : status);
}

static pid_t children[2];

static void pass_on(int sig)
{
	(void)sig;
	kill(children[0], SIGTERM);
	kill(children[1], SIGTERM);
}

/* They clean up, we wait for them. */
static void outlive_them(void)
{
	struct sigaction action = { .sa_handler = pass_on };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int verb_pipe(int argc, char **argv)
{
	uint64_t count;
	int ends[2];

	if (argc < 4 || parse_number(argv[1], 10, INT_MAX, &count) < 0 || (int)count > argc - 3)
		return report_failure("pipe", EINVAL, "arguments");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_failure("pipe2", errno, NULL);
	/* A wish: a user's pipes may have less, pipe(7). */
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	pid_t first = fork();
	if (first == 0) {
		close(ends[0]); /* Or the end of its reader is never seen. */
		become((int)count, argv + 2, ends[1], STDOUT_FILENO);
	}
	pid_t second = first < 0 ? -1 : fork();
	if (second == 0) {
		close(ends[1]); /* Or the end of the archive is never seen. */
		become(argc - 2 - (int)count, argv + 2 + count, ends[0], STDIN_FILENO);
	}
	int err = errno;
	close(ends[0]);
	close(ends[1]);
	if (second < 0)
		return report_failure("fork", err, NULL);
	children[0] = first;
	children[1] = second;
	outlive_them();
	int first_status = child_end(first), second_status = child_end(second);
	return first_status != 0 ? first_status : second_status;
}
