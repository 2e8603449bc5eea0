/* native/after.c: a program that waits for the end of another. */
#include "lib/identity.h"
#include "verb.h"
#include "verbs.h"

#include <signal.h>
#include <stdio.h>

static char text[256];

static int after(const char *pid, const char *start_time)
{
	char *argv[] = { "after", (char *)(size_t)pid,  (char *)(size_t)start_time, "--",
			 "/bin/sh", "-c", "echo gone; exit 7", NULL };

	return run_verb(verb_after, 7, argv, text, sizeof(text));
}

int main(void)
{
	char pid[16], start_time[24];
	uint64_t ticks = 0;
	int hold[2];

	ok(pipe(hold) == 0, "a process that lives until it is told");
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		close(hold[1]);
		_exit(read(hold[0], text, 1) < 0);
	}
	close(hold[0]);
	proc_start_time(child, &ticks);
	snprintf(pid, sizeof(pid), "%d", (int)child);
	snprintf(start_time, sizeof(start_time), "%llu", (unsigned long long)ticks + 1);
	ok(after(pid, start_time) == 7 && strcmp(text, "gone\n") == 0,
	   "one that started at another time has ended");
	snprintf(start_time, sizeof(start_time), "%llu", (unsigned long long)ticks);
	fflush(stdout);
	pid_t teller = fork();
	if (teller == 0) {
		close(hold[1]);
		usleep(50000);
		kill(child, SIGKILL);
		_exit(0);
	}
	ok(after(pid, start_time) == 7 && strcmp(text, "gone\n") == 0,
	   "the program is run when the process has ended");
	ok(waitpid(child, NULL, 0) == child && waitpid(teller, NULL, 0) == teller, "which it had");
	ok(after(pid, start_time) == 7, "one that is not there any more has ended");
	ok(after("0x", start_time) == 125, "a number that is none is refused");
	return done();
}
