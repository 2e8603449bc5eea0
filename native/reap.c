/*
 * `reap -- ARGV..`: the first process of a container that runs with --init. It starts the command,
 * passes signals on to it, reaps orphans, and ends with the command's exit status; the kernel then
 * ends whoever is left: pid_namespaces(7).
 */
#include <errno.h>
#include <string.h>

#include "lib/child.h"
#include "lib/report.h"
#include "verbs.h"
#include <unistd.h>

/* A group of its own in the foreground, so ctrl-c reaches the command and not us. */
static void take_terminal(void)
{
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN); /* tcsetpgrp(3) from the background would stop us. */
	tcsetpgrp(STDIN_FILENO, getpgrp());
	signal(SIGTTOU, SIG_DFL);
}

int verb_reap(int argc, char **argv)
{
	sigset_t before;

	if (argc < 3 || strcmp(argv[1], "--") != 0)
		return report_failure("reap", EINVAL, "arguments");
	child_block_signals(&before);
	pid_t child = fork();
	if (child < 0)
		return report_failure("fork", errno, NULL);
	if (child > 0)
		return child_wait(child);
	take_terminal();
	sigprocmask(SIG_SETMASK, &before, NULL);
	execvp(argv[2], argv + 2);
	_exit(errno == ENOENT ? 127 : 126);
}
