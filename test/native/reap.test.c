#include "tap.h"
#include "lib/child.h"
#include "verbs.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static pid_t reap(const char *script)
{
	char *argv[] = { "reap", "--", "sh", "-c", (char *)(size_t)script, NULL };
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_CHILD_SUBREAPER, 1); /* as pid 1 is by nature */
		_exit(verb_reap(5, argv));
	}
	return child;
}

static int result(pid_t child)
{
	int status;
	waitpid(child, &status, 0);
	return child_exit_code(status);
}

int main(void)
{
	char name[] = "/tmp/tspod-tap-XXXXXX", script[256];
	int fd = mkstemp(name);

	ok(result(reap("exit 7")) == 7, "the command's exit status is the container's");
	ok(result(reap("kill -TERM $$")) == 143,
	   "a death by a signal counts as 128 and its number");
	ok(result(reap("(sleep 0.1; exit 3) & (exit 4) & sleep 0.3; exit 5")) == 5,
	   "orphans change nothing");

	snprintf(script, sizeof(script),
		 "trap 'exit 9' USR1; echo ready > %s; while :; do sleep 0.05; done", name);
	pid_t child = reap(script);
	for (char byte; pread(fd, &byte, 1, 0) != 1;)
		usleep(10000);
	kill(child, SIGUSR1);
	ok(result(child) == 9, "signals reach the command");

	char *argv[] = { "reap", "--", "/no/such/program", NULL };
	fflush(stdout);
	if ((child = fork()) == 0)
		_exit(verb_reap(3, argv));
	ok(result(child) == 127, "a command that does not exist gives 127");
	unlink(name);
	return done();
}
