/* A verb of the native program, in a process of its own. */
#ifndef TSPOD_TEST_VERB_H
#define TSPOD_TEST_VERB_H

#include <fcntl.h>
#include <sys/wait.h>

#include "tap.h"

/*
 * Its exit status as a shell counts; what it writes to standard output is in text. Its errors are
 * not seen.
 */
static int run_verb(int (*verb)(int argc, char **argv), int argc, char **argv, char *text,
		    size_t size)
{
	int out[2], status;
	size_t used = 0;

	if (pipe(out) < 0)
		return -1;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		status = verb(argc, argv);
		_exit(status < 0 ? 125 : status);
	}
	close(out[1]);
	for (ssize_t n; (n = read(out[0], text + used, size - used - 1)) > 0;)
		used += (size_t)n;
	text[used] = '\0';
	close(out[0]);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
