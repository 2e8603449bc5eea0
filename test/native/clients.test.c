/* native/clients.c and native/stream.c: what attached clients type. */
#include "clients.h"

#include <fcntl.h>
#include <pty.h>
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

int main(void)
{
	int master, terminal;
	char lines[1000];
	struct termios mode;

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
