#include "lib/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/util.h"

/* Those of the kernel itself must kill or stop at once: a blocked SIGSEGV is deadly in silence. */
static const int not_ours[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS };

void child_block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(not_ours) / sizeof(*not_ours); i++)
		sigdelset(&all, not_ours[i]);
	sigprocmask(SIG_SETMASK, &all, before);
}

int child_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_wait(pid_t child)
{
	sigset_t waited;

	sigprocmask(SIG_SETMASK, NULL, &waited);
	for (;;) {
		/* Before the first sleep as well: the child may be dead already. */
		for (;;) {
			int status;
			pid_t pid = waitpid(-1, &status, WNOHANG);
			if (pid == child)
				return child_exit_code(status);
			if (pid < 0 && errno != EINTR)
				return 128 + SIGKILL; /* ECHILD: somebody else has reaped it. */
			if (pid == 0)
				break;
		}
		siginfo_t info;
		int sig = sigwaitinfo(&waited, &info);
		/*
		 * What the terminal sends to a whole group (SI_KERNEL) has reached the child, too;
		 * a hangup reaches the leader of the session alone.
		 */
		if (sig > 0 && sig != SIGCHLD && (info.si_code != SI_KERNEL || sig == SIGHUP))
			kill(child, sig);
	}
}

int child_end(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 128 + SIGKILL;
	return child_exit_code(status);
}

void child_kill_all(pid_t self)
{
	char name[64], pids[4096];

	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", (int)self, (int)self);
	autoclose int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read_full(fd, pids, sizeof(pids) - 1);
	if (len < 0)
		return;
	pids[len] = '\0';
	/* A blank ends each. Those that do not fit have their turn once these have been reaped. */
	for (char *at = pids, *end; (end = strchr(at, ' ')); at = end + 1)
		kill((pid_t)strtol(at, NULL, 10), SIGKILL);
}
