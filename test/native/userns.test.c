#include "tap.h"
#include "lib/report.h"
#include "verb.h"
#include "verbs.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What `userns MAP MAP VERB..` ends with; its standard output in text. */
static int userns(char *map, char **verb, char *text, size_t size)
{
	char *argv[16] = { "userns", map, map };
	int argc = 3;

	while (*verb)
		argv[argc++] = *verb++;
	return run_verb(verb_userns, argc, argv, text, size);
}

/*
 * `userns MAP MAP remove` with a standard input that stays open, and a reader of its reports that
 * dies.
 */
static void start_and_die(char *map, int in, int out, bool in_verb)
{
	char *argv[] = { "userns", map, map, "remove", NULL };
	int reports[2], unread = 1;

	if (pipe2(reports, O_CLOEXEC) < 0)
		return;
	if (fork() == 0) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(reports[1], STDERR_FILENO);
		close_range(STDERR_FILENO + 1, ~0U, 0);
		_exit(verb_userns(4, argv) < 0);
	}
	while (in_verb && unread > 0)
		ioctl(in, FIONREAD, &unread);
}

/* Whether the verb ends with the process that started it; else this waits for ever. */
static bool ends_with_parent(char *map, bool in_verb)
{
	int in[2], out[2];
	char text;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || write(in[1], "x", 1) != 1)
		return false;
	fflush(stdout);
	pid_t parent = fork();
	if (parent == 0) {
		start_and_die(map, in[0], out[1], in_verb);
		_exit(0);
	}
	close(out[1]);
	waitpid(parent, NULL, 0);
	bool ended = read(out[0], &text, 1) == 0;
	close(out[0]);
	close(in[0]);
	close(in[1]);
	return ended;
}

#define RUN(map, ...) userns(map, (char *[]){ __VA_ARGS__, NULL }, text, sizeof(text))

int main(void)
{
	char text[4096], one[64];

	snprintf(one, sizeof(one), "0:%u:1", getuid());
	if (getuid() != getgid()) {
		skip("a map of one id needs no helper", "uid and gid differ");
		return done();
	}
	if (RUN(one, "--", "true") != 0) {
		skip("a map of one id needs no helper", "user namespaces");
		return done();
	}
	ok(RUN(one, "--", "sh", "-c", "id -u; id -g") == 0 && strcmp(text, "0\n0\n") == 0,
	   "a map of one id needs no helper");
	ok(RUN(one, "--", "sh", "-c", "cat /proc/self/uid_map") == 0 &&
		   strtoul(text, NULL, 10) == 0 && strstr(text, " 1\n"),
	   "and is in force");
	ok(RUN(one, "--", "sh", "-c", "exit 7") == 7, "the exit status is the program's");
	ok(RUN(one, "--", "sh", "-c", "kill -9 $$") == 137, "a death by a signal stays one");
	ok(RUN(one, "--", "sh", "-c", "mount -t tmpfs none /tmp && echo in") == 0,
	   "mounts are the program's own");
	ok(RUN(one, "--", "/no/such/program") == 125, "a missing program is our failure");
	char *explained[] = { "userns", "else", "4", "/bin/sh", "-c", "echo \"$*\"",
			      "sh",     one,    one, "--",      "/no/such/program", NULL };
	ok(run_verb(verb_userns, 11, explained, text, sizeof(text)) == 0 &&
		   strcmp(text, "exec 2 /no/such/program\n") == 0,
	   "which another program may explain");
	explained[2] = "9";
	ok(run_verb(verb_userns, 11, explained, text, sizeof(text)) == 125,
	   "as long as all its words are there");
	ok(RUN(one, "no-such-verb") == 125, "so is an unknown verb");
	ok(RUN("0:1", "--", "true") == 125, "a map has three numbers");
	ok(RUN("0:1:2:3", "--", "true") == 125, "not four");
	ok(RUN("0:x:1", "--", "true") == 125, "and only numbers");
	ok(ends_with_parent(one, true), "a verb ends with the process that started it");
	ok(ends_with_parent(one, false), "also when that has died before it began");
	if (getuid() != 0)
		ok(RUN("0:0:1,1:1:10", "--", "true") == 125, "a map that is not ours is refused");
	return done();
}
