/* native/clients.c and native/stream.c: who connects, and what attached clients type. */
#include "clients.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "loop.h"
#include "stream.h"
#include "tap.h"

static struct monitor m = { .listener = -1, .phase = PHASE_RUNNING };

/* Whoever is attached there; our end of the connection. */
static int attach(unsigned index)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0)
		exit(2);
	*client_at(index) =
		(struct client){ .state = CLIENT_ATTACHED, .fd = ends[0], .has_stdin = true };
	return ends[1];
}

static void type(int sock, char kind, const char *text, size_t len)
{
	struct frame_out out = { 0 };

	frame_put(&out, kind, text, len);
	frame_flush(&out, sock);
	frame_out_free(&out);
}

static void go_on(void)
{
	stream_watch(&m);
	clients_watch(&m);
	loop_run_once(&m, 20);
}

/* Read empty lines until the terminal says that there are no more. */
static bool reads_end(int terminal)
{
	char line[16];

	for (int idle = 0; idle < 500; idle++) {
		ssize_t n;
		while ((n = read(terminal, line, sizeof(line))) > 0)
			;
		if (n == 0)
			return true;
		go_on();
	}
	return false;
}

static void waits_for_a_descriptor(void)
{
	struct rlimit before, few = { .rlim_cur = 3 };
	const struct client *taken = client_at(0);

	m.run_dir = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int sock = clients_listen(&m) < 0 ? -1 : control_connect(".", 1000);
	getrlimit(RLIMIT_NOFILE, &before);
	few.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
	go_on();
	ok(sock >= 0 && clients_listen_again(0) > 0,
	   "a connection that there is no descriptor for is left alone");
	setrlimit(RLIMIT_NOFILE, &before);
	for (int idle = 0; idle < 500 && taken->state == CLIENT_FREE; idle++) {
		clients_listen_again(now_ms());
		go_on();
	}
	ok(taken->state == CLIENT_ASKING, "and taken when there is one");
	close(sock);
	go_on();
	drop_fd(&m.listener);
}

/* Whoever init has left behind writes on, and the client takes its time. */
static void drains_what_a_pipe_holds(void)
{
	static char bytes[65536];
	int inner[3], small = 4096, calls = 0;

	signal(SIGPIPE, SIG_IGN);
	if (stream_open(&m, inner) < 0 || fcntl(inner[1], F_SETFL, O_NONBLOCK) < 0)
		exit(2);
	int sock = attach(0);
	struct client *client = client_at(0);
	client->wants_stdout = true;
	setsockopt(client->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	do {
		while (!frame_idle(&client->out) && recv(sock, bytes, sizeof(bytes), 0) > 0)
			client_flush(client);
		while (write(inner[1], bytes, sizeof(bytes)) > 0)
			;
		calls++;
	} while (!stream_drain(&m) && calls < 100);
	ok(calls < 100, "what init has written is read, and not what others add");
	stream_close_inner(inner);
	client_drop(client);
	close(sock);
}

int main(void)
{
	int master, terminal;
	char lines[1000];
	struct termios mode;

	waits_for_a_descriptor();
	drains_what_a_pipe_holds();
	memset(lines, '\n', sizeof(lines));
	if (openpty(&master, &terminal, NULL, NULL, NULL) < 0 || tcgetattr(terminal, &mode) < 0)
		exit(2);
	mode.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(terminal, TCSANOW, &mode);
	fcntl(terminal, F_SETFL, O_NONBLOCK);
	stream_set_tty(master);
	int one = attach(0), other = attach(1);
	for (int i = 0; i < 200; i++) {
		type(one, FRAME_STDIN, lines, sizeof(lines));
		go_on();
	}
	ok(clients_stalled(), "what a terminal has no room for waits");
	type(other, FRAME_STDIN_CLOSED, NULL, 0);
	go_on();
	ok(reads_end(terminal), "and so does the end of the input");
	return done();
}
