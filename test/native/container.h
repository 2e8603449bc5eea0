/*
 * A container with one id, whose root is a directory with the host's /usr in it. The test program is
 * its own tspod-monitor.
 */
#ifndef TSPOD_TEST_CONTAINER_H
#define TSPOD_TEST_CONTAINER_H

#include "lib/identity.h"
#include "lib/util.h"
#include "remove.h"
#include "verbs.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tap.h"

static char top[64];

struct container {
	char state[96], run[96];
	char ops[16384];
	size_t used;
	int sock, monitor; /* pidfd */
	int init;
	char line[256];
};

/* Append one op: its name, its arguments, NULL. */
static void op(struct container *c, const char *name, ...)
{
	const char *args[64];
	int count = 0;
	va_list list;

	va_start(list, name);
	while ((args[count] = va_arg(list, const char *)))
		count++;
	va_end(list);
	c->used += (size_t)sprintf(c->ops + c->used, "%s", name) + 1;
	c->used += (size_t)sprintf(c->ops + c->used, "%d", count) + 1;
	for (int i = 0; i < count; i++)
		c->used += (size_t)sprintf(c->ops + c->used, "%s", args[i]) + 1;
}

#define OP(...) op(c, __VA_ARGS__, NULL)

static void begin(struct container *c, const char *name)
{
	char uid[16], gid[16], log[128];

	*c = (struct container){ .sock = -1, .monitor = -1 };
	snprintf(c->state, sizeof(c->state), "%s/%s", top, name);
	snprintf(c->run, sizeof(c->run), "%s/%s-run", top, name);
	snprintf(log, sizeof(log), "%s/ctr.log", c->state);
	snprintf(uid, sizeof(uid), "%d", (int)geteuid());
	snprintf(gid, sizeof(gid), "%d", (int)getegid());
	mkdir(c->state, 0700);
	mkdir(c->run, 0700);
	char rootfs[128];
	snprintf(rootfs, sizeof(rootfs), "%s/rootfs", c->run);
	mkdir(rootfs, 0700);
	OP("state-dir", c->state);
	OP("run-dir", c->run);
	OP("uidmap", "0", uid, "1");
	OP("gidmap", "0", gid, "1");
	OP("log", "k8s-file", log, "-1", "", "2");
	OP("stop-timeout", "5");
}

/* The steps from the root to the command; more may come between. */
static void root(struct container *c)
{
	char path[128], flags[16];

	snprintf(path, sizeof(path), "%s/root", top);
	snprintf(flags, sizeof(flags), "%d", MS_REC | MS_RDONLY);
	OP("root-bind", path);
	OP("bind", "/usr", "/usr", flags, "0");
	OP("mount", "proc", "proc", "/proc", "0", "");
	OP("dev", "null");
}

static void finally(struct container *c, const char *command)
{
	OP("pivot");
	OP("env", "PATH=/usr/bin:/bin");
	OP("exec", "/usr/bin/sh", "-c", command);
}

static void start(struct container *c)
{
	int pair[2], ops[2];

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	must(pipe2(ops, O_CLOEXEC));
	pid_t pid = fork();
	if (pid == 0) {
		int sock = fcntl(pair[1], F_DUPFD, 10), in = fcntl(ops[0], F_DUPFD, 10);
		dup2(sock, 3);
		dup2(in, 4);
		execl("/proc/self/exe", "tspod-monitor", "run", NULL);
		_exit(1);
	}
	close(pair[1]);
	close(ops[0]);
	write_all(ops[1], c->ops, c->used);
	close(ops[1]);
	c->sock = pair[0];
}

/* The next line of the monitor; "" at the end. */
static const char *hear(struct container *c)
{
	size_t used = 0;

	while (used + 1 < sizeof(c->line) && read(c->sock, c->line + used, 1) == 1 &&
	       c->line[used] != '\n')
		used++;
	c->line[used] = '\0';
	if (strncmp(c->line, "created ", 8) == 0)
		c->monitor = pidfd_open(atoi(c->line + 8), 0);
	if (strncmp(c->line, "running ", 8) == 0)
		c->init = atoi(c->line + 8);
	return c->line;
}

/* `running PID`, `failed ..` or "". */
static const char *go(struct container *c)
{
	start(c);
	send(c->sock, "go\n", 3, MSG_NOSIGNAL);
	for (;;) {
		const char *line = hear(c);
		if (strncmp(line, "created", 7) != 0 && strncmp(line, "mapped", 6) != 0)
			return line;
	}
}

static int is_over(struct container *c)
{
	struct pollfd fd = { .fd = c->monitor, .events = POLLIN };

	close(c->sock); /* Else one that has failed waits for that. */
	int over = poll(&fd, 1, 20000) == 1;
	close(c->monitor);
	return over;
}

static char *file(struct container *c, const char *name)
{
	static char text[16384];
	autoclose int dir = open(c->state, O_PATH | O_DIRECTORY);

	return read_file_at(dir, name, text, sizeof(text)) < 0 ? strcpy(text, "") : text;
}

static int run(struct container *c, const char *command)
{
	root(c);
	finally(c, command);
	return strncmp(go(c), "running ", 8) == 0 && is_over(c);
}

static int can_make_namespaces(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER) < 0);
	waitpid(pid, &status, 0);
	return status == 0;
}

/*
 * The main of a program of such tests: as tspod-monitor it does what its arguments say, else it makes
 * the directory `top` with the root file system and runs the tests.
 */
static int container_main(int argc, char **argv, void (*tests)(void))
{
	char path[128];

	if (argc > 1)
		return verb_named(argc - 1, argv + 1) < 0;
	if (!can_make_namespaces()) {
		skip("a container runs and ends", "this host grants no user namespace");
		return done();
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* So that no test depends on who reaps here. */
	signal(SIGCHLD, SIG_IGN);
	snprintf(top, sizeof(top), "%s", tap_directory());
	snprintf(path, sizeof(path), "%s/root", top);
	mkdir(path, 0755);
	for (const char **name = (const char *[]){ "bin", "lib", "lib64", NULL }; *name; name++) {
		char target[16], link[160];
		snprintf(target, sizeof(target), "usr/%s", *name);
		snprintf(link, sizeof(link), "%s/%s", path, *name);
		must(symlink(target, link));
	}
	tests();
	remove_tree(AT_FDCWD, top);
	return done();
}

#endif
