#include "tap.h"
#include "monitor.h"

#include "lib/util.h"

#include <sys/pidfd.h>

static char *rundir;
static int null;

#define ATTACH(fds, session, ...) \
	client_start(verb_attach,       \
		     (char *[]){ "attach", rundir __VA_OPT__(, ) __VA_ARGS__, NULL }, fds, session)

/* The bytes of a stream of this test: no period that divides a frame. */
static char pattern(size_t at)
{
	return (char)(at * 31 + at / 251);
}

enum { STREAM = 48 << 20 };

static void feed(int fd)
{
	static char block[65536];
	for (size_t at = 0; at < STREAM;) {
		size_t len = 1 + at % sizeof(block);
		if (len > STREAM - at)
			len = STREAM - at;
		for (size_t i = 0; i < len; i++)
			block[i] = pattern(at + i);
		for (size_t sent = 0; sent < len;) {
			ssize_t n = write(fd, block + sent, len - sent);
			if (n <= 0)
				_exit(1);
			sent += (size_t)n;
		}
		at += len;
	}
	_exit(0);
}

static void check(int fd)
{
	static char block[65536];
	size_t at = 0;
	for (ssize_t n; (n = read(fd, block, sizeof(block))) > 0;)
		for (ssize_t i = 0; i < n; i++)
			if (block[i] != pattern(at++))
				_exit(1);
	_exit(at == STREAM ? 0 : 2);
}

/* What the container does in `run -i IMAGE cat`. */
static void echo(struct peer *peer)
{
	struct frame_out out = { 0 };
	for (bool open = true; open || !frame_idle(&out);) {
		struct pollfd writable = { peer->sock, POLLOUT, 0 };
		struct frame frame;
		if (frame_flush(&out, peer->sock) == -EAGAIN) {
			poll(&writable, 1, 10000);
			continue;
		}
		if (frame_next(&peer->in, &frame) != 1) {
			if (peer_wait(peer) == 0)
				break;
			continue;
		}
		if (frame.type == FRAME_STDIN)
			frame_put(&out, FRAME_STDOUT, frame.data, frame.len);
		else if (frame.type == FRAME_STDIN_CLOSED)
			open = false;
	}
	frame_out_free(&out);
}

static void a_pipe_through_cat(void)
{
	int in[2], out[2];
	struct peer peer;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return;
	pid_t client = ATTACH(((int[]){ in[0], out[1], 2 }), 0, "--stdin");
	pid_t feeder = fork();
	if (feeder == 0)
		feed(in[1]);
	pid_t checker = fork();
	if (checker == 0) {
		close(in[1]);
		close(out[1]);
		check(out[0]);
	}
	close(in[1]);
	close(out[0]);
	peer_accept(&peer);
	ok(peer_asked(&peer, "attach 3 stdin stdout stderr"), "the request names the streams");
	peer_send(&peer, FRAME_RUNNING, "1");
	echo(&peer);
	while (peer_send(&peer, FRAME_EXITED, "42") == -EAGAIN)
		usleep(1000);
	ok(client_end(client) == 42, "the exit code is the container's");
	ok(!(fcntl(out[1], F_GETFL) & O_NONBLOCK) && !(fcntl(in[0], F_GETFL) & O_NONBLOCK),
	   "the user's descriptors are as they were");
	close(out[1]);
	close(in[0]);
	ok(client_end(feeder) == 0 && client_end(checker) == 0, "48 MiB through cat are unharmed");
	peer_close(&peer);
}

static void nobody_reads(void)
{
	int in[2], out[2];
	struct peer peer, other;
	char block[4096] = "";

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return;
	pid_t client = ATTACH(((int[]){ in[0], out[1], 2 }), 0, "--stdin", "--sig-proxy");
	peer_accept(&peer);
	peer_send(&peer, FRAME_RUNNING, "1");
	memset(block, 'x', sizeof(block) - 1);
	while (peer_send(&peer, FRAME_STDOUT, block) == 0)
		usleep(1000);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	for (int full = 0; full < 100;)
		if (write(in[1], block, sizeof(block)) < 0) {
			full++;
			usleep(1000);
		}
	kill(client, SIGTERM);
	peer_accept(&other);
	ok(peer_asked(&other, "signal 1 15"),
	   "a signal gets through when nobody reads, in either direction");
	peer_close(&other);
	close(out[0]);
	close(out[1]);
	ok(client_end(client) == 128 + SIGPIPE,
	   "a broken pipe ends the client as it ends other programs");
	peer_close(&peer);
	close(in[0]);
	close(in[1]);
}

/* The master of a pty stands for a slow file: write(2) takes its time there and gives no EAGAIN. */
static void a_slow_file(void)
{
	static char block[FRAME_MAX];
	int master, slave;
	struct termios raw;
	struct peer peer;

	if (openpty(&master, &slave, NULL, NULL, NULL) < 0 || tcgetattr(slave, &raw) < 0)
		return;
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	pid_t client = ATTACH(((int[]){ null, master, 2 }), 0);
	autoclose int pidfd = pidfd_open(client, 0);
	peer_accept(&peer);
	peer_send(&peer, FRAME_RUNNING, "1");
	memset(block, 'x', sizeof(block) - 1);
	for (int i = 0; i < 3; i++)
		peer_send(&peer, FRAME_STDOUT, block);
	struct pollfd ready[] = { { slave, POLLIN, 0 }, { pidfd, POLLIN, 0 } };
	poll(ready, 1, 10000); /* The client is in the midst of the first frame. */
	kill(client, SIGTERM);
	read_full(slave, block, sizeof(block) - 1);
	poll(ready, 2, 10000);
	ok(ready[0].revents == 0 && ready[1].revents != 0,
	   "a signal is taken while output flows into a file that is slower than the container");
	kill(client, SIGKILL);
	client_end(client);
	peer_close(&peer);
	close(master);
	close(slave);
}

static void failures(void)
{
	int err[2];
	struct peer peer;

	if (pipe2(err, O_CLOEXEC) < 0)
		return;
	pid_t client = ATTACH(((int[]){ null, null, err[1] }), 0, "--no-stdout");
	peer_accept(&peer);
	ok(peer_asked(&peer, "attach 1 stderr"), "streams can be left out");
	peer_send(&peer, FRAME_RUNNING, "1");
	peer_send(&peer, FRAME_STDERR, "words");
	ok(reads(err[0], "words"), "standard error is standard error");
	peer_close(&peer);
	ok(client_end(client) == 125, "a monitor that vanishes is a failure");

	client = ATTACH(((int[]){ null, err[1], null }), 0, "--", "sh", "-c", "echo $0 $@; exit 77",
			"explain");
	peer_accept(&peer);
	peer_close(&peer);
	ok(reads(err[0], "explain monitor 104\n") && client_end(client) == 77,
	   "which a program can explain");

	client =
		ATTACH(((int[]){ null, err[1], null }), 0, "--detach-keys", "strg-p", "--", "echo");
	ok(reads(err[0], "detach-keys 22\n") && client_end(client) == 0,
	   "bad detach keys are refused");

	client = ATTACH(((int[]){ null, null, null }), 0, "--stdin");
	peer_accept(&peer);
	peer_send(&peer, FRAME_RUNNING, "1");
	ok(frame_is(peer_frame(&peer), FRAME_STDIN_CLOSED, ""),
	   "the end of standard input is passed on");
	peer_send(&peer, FRAME_EXITED, "0");
	ok(client_end(client) == 0, "and is not the end of the client");
	peer_close(&peer);
	client = ATTACH(((int[]){ null, null, null }), 0, "--stdin");
	peer_accept(&peer);
	kill(client, SIGTERM);
	ok(client_end(client) == 143, "without --sig-proxy a signal is the client's");
	peer_close(&peer);
	close(err[0]);
	close(err[1]);
}

static bool is_raw(int terminal)
{
	struct termios now;
	return tcgetattr(terminal, &now) == 0 && !(now.c_lflag & (ICANON | ISIG | ECHO));
}

static void a_terminal(void)
{
	int master, slave, status;
	struct peer peer, other;
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	if (openpty(&master, &slave, NULL, NULL, &size) < 0)
		return;
	fcntl(master, F_SETFD, FD_CLOEXEC);
	pid_t client =
		ATTACH(((int[]){ slave, slave, slave }), 1, "--tty", "--stdin", "--sig-proxy");
	peer_accept(&peer);
	ok(frame_is(peer_frame(&peer), FRAME_RESIZE, "24 80"),
	   "the size of the terminal comes first");
	ok(!is_raw(slave), "the terminal stays cooked until the container is there");
	peer_send(&peer, FRAME_RUNNING, "1");
	peer_send(&peer, FRAME_STDOUT, "$ ");
	ok(reads(master, "$ ") && is_raw(slave), "then it is raw");
	ok(write(master, "ls\003", 3) == 3 && frame_is(peer_frame(&peer), FRAME_STDIN, "ls\003"),
	   "ctrl-c is a byte");
	size.ws_row = 50;
	ioctl(master, TIOCSWINSZ, &size);
	peer_accept(&other);
	ok(peer_asked(&other, "resize 2 50 80"), "a new size is passed on");
	peer_close(&other);

	kill(client, SIGSTOP);
	waitpid(client, &status, WUNTRACED);
	struct termios cooked;
	tcgetattr(slave, &cooked);
	cooked.c_lflag |= ICANON | ISIG | ECHO;
	tcsetattr(slave, TCSANOW, &cooked); /* as a shell does */
	kill(client, SIGCONT);
	peer_accept(&other);
	ok(peer_asked(&other, "resize 2 50 80") && is_raw(slave), "it is raw again after a stop");
	peer_close(&other);

	ok(write(master, "\020", 1) == 1 && write(master, "\021", 1) == 1 &&
		   client_end(client) == 0,
	   "ctrl-p ctrl-q leaves with 0");
	ok(!is_raw(slave) && !(fcntl(slave, F_GETFL) & O_NONBLOCK),
	   "and the terminal is as it was");
	ok(peer_frame(&peer).type == 0, "nothing of the keys reached the container");
	peer_close(&peer);

	client = ATTACH(((int[]){ slave, slave, slave }), 1, "--tty", "--stdin");
	peer_accept(&peer);
	peer_frame(&peer);
	peer_send(&peer, FRAME_RUNNING, "1");
	peer_send(&peer, FRAME_STDOUT, "$ ");
	reads(master, "$ ");
	kill(client, SIGTERM);
	ok(client_end(client) == 143 && !is_raw(slave),
	   "a deadly signal leaves a cooked terminal, too");
	peer_close(&peer);
	close(slave);
	close(master);
}

int main(void)
{
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	rundir = monitor_listen();
	a_pipe_through_cat();
	nobody_reads();
	a_slow_file();
	failures();
	a_terminal();
	unlink("attach");
	rmdir(rundir);
	return done();
}
