#include "orphans.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/memory.h"

bool orphans_possible(const struct settings *set)
{
	return set->ns[NS_PID].mode == NS_HOST && !set->cgroup;
}

void orphans_adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void orphans_end(pid_t monitor)
{
	bool is_over = false;
	sigset_t all;

	/* The socket, the lifeline and the streams are the monitor's: their end tells of its own. */
	close_range(0, ~0U, 0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	drop_clean_pages();
	for (;;) {
		pid_t ended = waitpid(-1, NULL, 0);
		if (ended < 0 && errno != EINTR)
			return;
		is_over |= ended == monitor;
		if (is_over)
			child_kill_all(getpid());
	}
}
