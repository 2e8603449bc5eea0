/* native/end.c: the end of one process, and of no other. */
#include "lib/identity.h"
#include "verb.h"
#include "verbs.h"

#include <signal.h>
#include <stdio.h>

static char text[256];

static int end(pid_t pid, uint64_t ticks)
{
	char number[16], start_time[24];
	char *argv[] = { "end", number, start_time, NULL };

	snprintf(number, sizeof(number), "%d", (int)pid);
	snprintf(start_time, sizeof(start_time), "%llu", (unsigned long long)ticks);
	return run_verb(verb_end, 3, argv, text, sizeof(text));
}

int main(void)
{
	uint64_t ticks = 0;
	siginfo_t info = { 0 };
	int status;

	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		for (;;)
			pause();
	proc_start_time(child, &ticks);
	ok(end(child, ticks + 1) == 0, "one that started at another time is gone");
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT);
	ok(info.si_pid == 0, "and who has its number lives on");
	ok(end(child, ticks) == 0, "that very process");
	ok(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	   "is killed");
	ok(end(child, ticks) == 0, "one that is not there any more has ended");
	char *bad[] = { "end", "0x", "1", NULL };
	ok(run_verb(verb_end, 3, bad, text, sizeof(text)) == 125, "a number that is none is refused");
	return done();
}
