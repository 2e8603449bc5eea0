/*
 * native/run.c, monitor.c, start.c, init.c and what they use, end to end: a container with one id,
 * whose root is a directory with the host's /usr in it. The test program is its own tspod-monitor.
 */
#include "lib/identity.h"
#include "lib/util.h"

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

#include "lib/frame.h"
#include "remove.h"
#include "tap.h"
#include "verbs.h"

#define FAILS_TO_CHANGE 77 /* exit code of the container that tries to change our executable */

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
	int over = poll(&fd, 1, 20000) == 1;

	close(c->sock);
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

/* Ask the monitor; the answer to wait for. */
static int ask(struct container *c, const char *ops, size_t len, char type, char *payload)
{
	autoclose int sock = control_connect(c->run, 5000);
	struct frame_in in = { 0 };
	struct frame frame = { 0 };
	struct pollfd fd = { .fd = sock, .events = POLLIN };

	if (sock < 0 || control_request(sock, ops, len, (int[]){ 0, 1, 2 }, 3) < 0)
		return 0;
	while (frame.type != type && poll(&fd, 1, 20000) == 1 && frame_fill(&in, sock) > 0)
		while (frame.type != type && frame_next(&in, &frame) == 1)
			sprintf(payload, "%.*s", (int)frame.len, frame.data);
	frame_in_free(&in);
	return frame.type == type;
}

static void test_life(void)
{
	struct container c;

	begin(&c, "life");
	ok(run(&c, "echo hello; echo to >&2; exit 3"), "a container runs and ends");
	ok(strstr(file(&c, "exit.json"), "{\"exitCode\":3,\"signal\":0,\"oomKilled\":false,"),
	   "its exit code is recorded");
	ok(strstr(file(&c, "init.json"), "\"pid\":") &&
		   strstr(file(&c, "monitor.lock"), "\"bootId\":"),
	   "so is who it was");
	ok(strstr(file(&c, "ctr.log"), " stdout F hello\n") &&
		   strstr(file(&c, "ctr.log"), " stderr F to\n"),
	   "what it said is in the log");
	begin(&c, "signal");
	ok(run(&c, "kill -9 $$; sleep 1; exec /usr/bin/sh -c 'kill -9 -1'") &&
		   strstr(file(&c, "exit.json"), "\"exitCode\":"),
	   "the first process takes no signal from itself");
	begin(&c, "restart");
	op(&c, "restart", "on-failure", "2", NULL);
	ok(run(&c, "echo again; exit 9") && strstr(file(&c, "exit.json"), "\"restartCount\":2"),
	   "two restarts are two");
}

static void test_failures(void)
{
	struct container c;
	struct stat st;

	begin(&c, "missing");
	root(&c);
	op(&c, "pivot", NULL);
	op(&c, "exec", "/nosuch", NULL);
	ok(strcmp(go(&c), "failed 11 2") == 0 && is_over(&c),
	   "a command that is missing is named with its op");
	ok(file(&c, "init.json")[0] == '\0', "and has never been");
	begin(&c, "nouser");
	root(&c);
	op(&c, "user", "nobody-of-that-name", NULL);
	finally(&c, "true");
	ok(strcmp(go(&c), "failed 10 2") == 0 && is_over(&c),
	   "an unknown user is named with its op");
	begin(&c, "bad");
	op(&c, "nosuch", NULL);
	ok(strcmp(go(&c), "failed 6 38") == 0,
	   "an op that nobody knows is refused before anything is made");
	close(c.sock);

	begin(&c, "gone");
	op(&c, "remove", c.state, c.run, NULL);
	root(&c);
	finally(&c, "true");
	start(&c);
	hear(&c);
	close(c.sock);
	c.sock = -1;
	ok(is_over(&c), "a CLI that dies before `go` takes everything along");
	ok(stat(c.state, &st) < 0 && stat(c.run, &st) < 0, "and with --rm the directories");
}

static void test_cidfile(void)
{
	struct container c;
	char file[128], name[128];

	snprintf(file, sizeof(file), "%s/cid", top);
	snprintf(name, sizeof(name), "%s/no-name", top);
	for (int n = 0; n < 3; n++) {
		begin(&c, n == 0 ? "one" : "two");
		autoclose int fd = n < 2 ? open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
		if (fd >= 0 ? write(fd, "one", 3) != 3 : mkfifo(file, 0600) < 0)
			break;
		op(&c, "remove", c.state, c.run, name, file, NULL);
		int over = run(&c, "true"), gone = unlink(file) < 0;
		ok(over && gone == (n == 0),
		   n == 0 ? "--rm removes the file with the id" :
		   n == 1 ? "but not that of another one" :
			    "nor does it wait for a pipe in its place");
	}
}

static void test_confinement(const char *self)
{
	struct container c;
	char path[128], flags[16];
	struct stat st;

	begin(&c, "descriptors");
	ok(run(&c, "i=0; all=; while [ $i -lt 99 ]; do [ -L /proc/$$/fd/$i ] && all=\"$all$i \"; "
		   "i=$((i+1)); done; echo \"$all\"") &&
		   strstr(file(&c, "ctr.log"), " stdout F 0 1 2 \n"),
	   "the standard descriptors are there, and none of ours");
	begin(&c, "capabilities");
	ok(run(&c, "grep CapInh /proc/self/status") &&
		   strstr(file(&c, "ctr.log"), "CapInh:\t0000000000000000"),
	   "inheritable capabilities are empty");

	begin(&c, "exe");
	root(&c);
	snprintf(flags, sizeof(flags), "%d", MS_RDONLY);
	op(&c, "pivot", NULL);
	op(&c, "exec", "/proc/self/exe", "change", NULL);
	const char *line = go(&c);
	ok((strncmp(line, "running", 7) == 0 && is_over(&c) &&
	    strstr(file(&c, "exit.json"), "\"exitCode\":77,")) ||
		   strncmp(line, "failed", 6) == 0,
	   "our executable cannot be changed through /proc/self/exe");
	ok(stat(self, &st) == 0 && (st.st_mode & 07777) == 0755, "its mode is what it was");

	snprintf(path, sizeof(path), "%s/root/escape", top);
	must(symlink("../../../../../../../../tmp", path));
	begin(&c, "escape");
	root(&c);
	op(&c, "file", "/escape/tspod-escaped", "0644", "inside", NULL);
	op(&c, "mount", "tmpfs", "tmpfs", "/escape/tspod-escaped-dir", "0", "", NULL);
	finally(&c, "cat /tmp/tspod-escaped");
	ok(strncmp(go(&c), "running", 7) == 0 && is_over(&c) &&
		   strstr(file(&c, "ctr.log"), "inside"),
	   "a symlink in the image leads to the image's own /tmp");
	ok(stat("/tmp/tspod-escaped", &st) < 0 && stat("/tmp/tspod-escaped-dir", &st) < 0,
	   "never to the host's");
	begin(&c, "late");
	root(&c);
	op(&c, "pivot", NULL);
	op(&c, "mount", "tmpfs", "tmpfs", "/x", "0", "", NULL);
	op(&c, "exec", "/usr/bin/true", NULL);
	ok(strcmp(go(&c), "failed 11 22") == 0 && is_over(&c), "no mount is made after the pivot");
}

static void test_requests(void)
{
	struct container c, second;
	char text[64] = "";
	static const char exec[] = "exec-flags\0"
				   "1\0tty=no\0exec\0"
				   "3\0/usr/bin/sh\0-c\0exit 5\0";
	static const char bad[] = "exec-flags\0"
				  "1\0tty=no\0mount\0"
				  "5\0tmpfs\0tmpfs\0/x\0"
				  "0\0\0exec\0"
				  "1\0/usr/bin/true\0";
	static const char stop[] = "stop\0" "1\0" "5\0";

	begin(&c, "requests");
	root(&c);
	finally(&c, "trap 'exit 7' TERM; while :; do sleep 0.1; done");
	ok(strncmp(go(&c), "running", 7) == 0, "a container that stays is running");
	begin(&second, "requests");
	root(&second);
	finally(&second, "true");
	ok(strcmp(go(&second), "failed 0 11") == 0, "it cannot be started once more meanwhile");
	close(second.sock);
	close(second.monitor);
	ok(ask(&c, exec, sizeof(exec) - 1, FRAME_EXITED, text) && strcmp(text, "5") == 0,
	   "exec gives the exit code of its process");
	ok(ask(&c, bad, sizeof(bad) - 1, FRAME_FAILED, text) && strcmp(text, "1 38") == 0,
	   "exec makes no mounts");
	ok(ask(&c, stop, sizeof(stop) - 1, FRAME_EXITED, text) && strcmp(text, "7") == 0,
	   "stop waits for the end");
	ok(is_over(&c) && strstr(file(&c, "exit.json"), "\"stoppedByUser\":true"),
	   "which is the user's wish");

	begin(&c, "killed");
	root(&c);
	finally(&c, "exec sleep 100");
	go(&c);
	autoclose int init = pidfd_open(c.init, 0);
	pidfd_signal(c.monitor, SIGKILL);
	struct pollfd fd = { .fd = init, .events = POLLIN };
	ok(is_over(&c) && poll(&fd, 1, 5000) == 1, "with the monitor dies its container");
}

/* The other side of "exe": we are the container's process, on a file that was to be protected. */
static int change(void)
{
	int denied = open("/proc/self/exe", O_WRONLY) < 0;

	denied &= chmod("/proc/self/exe", 0777) < 0;
	return denied ? FAILS_TO_CHANGE : 1;
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

int main(int argc, char **argv)
{
	char path[128], self[PATH_MAX] = "";

	if (argc > 1 && strcmp(argv[1], "change") == 0)
		return change();
	if (argc > 1)
		return verb_named(argc - 1, argv + 1) < 0;
	if (!can_make_namespaces()) {
		skip("a container runs and ends", "this host grants no user namespace");
		return done();
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* So that no test depends on who reaps here. */
	signal(SIGCHLD, SIG_IGN);
	must(readlink("/proc/self/exe", self, sizeof(self) - 1));
	chmod(self, 0755);
	snprintf(top, sizeof(top), "%s", tap_directory());
	snprintf(path, sizeof(path), "%s/root", top);
	mkdir(path, 0755);
	for (const char **name = (const char *[]){ "bin", "lib", "lib64", NULL }; *name; name++) {
		char target[16], link[160];
		snprintf(target, sizeof(target), "usr/%s", *name);
		snprintf(link, sizeof(link), "%s/%s", path, *name);
		must(symlink(target, link));
	}
	test_life();
	test_failures();
	test_cidfile();
	test_confinement(self);
	test_requests();
	remove_tree(AT_FDCWD, top);
	return done();
}
