/*
 * native/run.c, monitor.c, start.c and what they use, end to end: how a container lives and ends, and
 * what its monitor is asked for meanwhile.
 */
#include "container.h"

#include "farewell.h"
#include "lib/frame.h"

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

/* Said while nobody hears: whether the other side still takes our word, and what it has to say. */
static const char *go_late(struct container *c, const char *before)
{
	start(c);
	struct pollfd fd = { .fd = c->sock, .events = 0 };
	while (strncmp(hear(c), before, strlen(before)) != 0)
		if (c->line[0] == '\0')
			return "";
	bool hung_up = poll(&fd, 1, 500) == 1;
	return !hung_up && send(c->sock, "go\n", 3, MSG_NOSIGNAL) == 3 ? hear(c) : "hung up";
}

static int ends(const struct container *c)
{
	struct pollfd fd = { .fd = c->monitor, .events = POLLIN };

	return poll(&fd, 1, 20000) == 1;
}

static int leaves_a_stopped_cli(void)
{
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	if (fork() == 0) {
		farewell(pair[1], -1, 100);
		_exit(0);
	}
	close(pair[1]);
	struct pollfd fd = { .fd = pair[0], .events = 0 };
	int left = poll(&fd, 1, 20000) == 1;
	close(pair[0]);
	return left;
}

static void test_farewell(void)
{
	struct container c, second;
	char uid[16];

	begin(&c, "unheard");
	op(&c, "root-bind", "/nosuch", NULL);
	finally(&c, "true");
	ok(strcmp(go_late(&c, "mapped"), "failed 6 2") == 0,
	   "a CLI that says `go` too late hears why there is nothing to start");
	begin(&second, "unheard");
	ok(run(&second, "true"), "and what another start needs is free by then");
	ok(is_over(&c), "the monitor ends when the CLI hangs up");
	begin(&c, "asked");
	op(&c, "root-bind", "/nosuch", NULL);
	finally(&c, "true");
	ok(strcmp(go_late(&c, "mapped"), "failed 6 2") == 0 &&
		   pidfd_signal(c.monitor, SIGTERM) == 0 && ends(&c),
	   "or is asked to end");
	close(c.sock);
	close(c.monitor);
	ok(leaves_a_stopped_cli(), "or has waited long enough");

	begin(&c, "unmapped");
	snprintf(uid, sizeof(uid), "%d", (int)geteuid());
	op(&c, "uidmap", "0", uid, "1", NULL);
	root(&c);
	finally(&c, "true");
	ok(strncmp(go_late(&c, "created"), "failed ", 7) == 0,
	   "the same where the id maps are refused");
	close(c.sock);
	close(c.monitor);
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

static void tests(void)
{
	test_life();
	test_failures();
	test_farewell();
	test_cidfile();
	test_requests();
}

int main(int argc, char **argv)
{
	return container_main(argc, argv, tests);
}
