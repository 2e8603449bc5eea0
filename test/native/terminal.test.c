/* native/exec.c and exec_pump.c: the user's terminal, and one of the process's own. */
#include "execclient.h"

static void a_terminal_is_not_passed_on(void)
{
	int master, slave;
	struct peer peer;
	char text[16] = "";

	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		return;
	fcntl(master, F_SETFD, FD_CLOEXEC);
	write_ops("tty=no detach=no stdin=yes", 3);
	pid_t client = EXEC(((int[]){ slave, slave, slave }), 1);
	peer_accept(&peer);
	ok(peer.in.nfds == 3 && !isatty(peer.in.fds[0]) && !isatty(peer.in.fds[1]) &&
		   !isatty(peer.in.fds[2]),
	   "without --tty the process sees no terminal");
	ok(same_file(peer.in.fds[1], peer.in.fds[2]), "output and error stay in order");
	peer_send(&peer, FRAME_RUNNING, "7");
	ok(write(master, "word\n", 5) == 5 && read(peer.in.fds[0], text, 15) == 5 &&
		   strcmp(text, "word\n") == 0,
	   "lines reach it");
	ok(write(master, "\004", 1) == 1 && read(peer.in.fds[0], text, 15) == 0,
	   "ctrl-d is the end of them");
	ok(write(peer.in.fds[1], "last words\n", 11) == 11, "it writes");
	peer_send(&peer, FRAME_EXITED, "0");
	ok(client_end(client) == 0 && reads(master, "last words\r\n"),
	   "and all is read before the client ends");
	peer_close(&peer);
	close(master);
	close(slave);
}

static void a_terminal_of_its_own(void)
{
	int master, slave, inner, inner_slave;
	struct peer peer;
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char text[64] = "";

	if (openpty(&master, &slave, NULL, NULL, &size) < 0 ||
	    openpty(&inner, &inner_slave, NULL, NULL, NULL) < 0)
		return;
	fcntl(master, F_SETFD, FD_CLOEXEC);
	write_ops("tty=yes detach=no stdin=yes", 3);
	pid_t client = EXEC(((int[]){ slave, slave, slave }), 1);
	peer_accept(&peer);
	ok(peer_asked(&peer, "exec-flags 5 tty=yes detach=no stdin=yes rows=24 cols=80 cwd 2 "
			     "/nowhere 0 exec 1 true"),
	   "the size of the terminal is in the request");
	ok(peer.in.nfds == 0, "the user's streams are not");
	frame_send_fds(peer.sock, FRAME_RUNNING, "7", 1, &inner, 1);
	if (write(inner_slave, "$ ", 2) < 0)
		return;
	ok(reads(master, "$ "), "output comes straight from the pty");
	ok(write(master, "ls\r", 3) == 3 && read(inner_slave, text, 63) == 3,
	   "input goes straight to it");
	size.ws_col = 132;
	ioctl(master, TIOCSWINSZ, &size);
	for (int i = 0; i < 1000 && size.ws_col == 132; i++) {
		struct winsize now = { 0 };
		ioctl(inner_slave, TIOCGWINSZ, &now);
		if (now.ws_col == 132)
			size = (struct winsize){ 0 };
		usleep(1000);
	}
	ok(size.ws_col == 0, "so does a new size");
	char burst[3000];
	memset(burst, 'x', sizeof(burst));
	memcpy(burst + sizeof(burst) - 4, "end", 3);
	burst[sizeof(burst) - 1] = '!';
	ok(write(inner_slave, burst, sizeof(burst)) == sizeof(burst),
	   "the process says much and ends");
	peer_send(&peer, FRAME_EXITED, "9");
	ok(reads(master, "end!") && client_end(client) == 9,
	   "nothing of it is lost, with a slave still open");
	peer_close(&peer);

	write_ops("tty=yes detach=no stdin=yes", 3);
	client = EXEC(((int[]){ slave, slave, slave }), 1);
	peer_accept(&peer);
	frame_send_fds(peer.sock, FRAME_RUNNING, "7", 1, &inner, 1);
	if (write(inner_slave, "$ ", 2) == 2)
		reads(master, "$ ");
	ok(write(master, "\020\021", 2) == 2 && client_end(client) == 0, "the detach keys leave");
	ok(frame_is(peer_frame(&peer), FRAME_DETACH, ""), "and the monitor is told");
	peer_close(&peer);
}

/* Lines until it takes no more, also when the kernel has moved on what it had. */
static int fill_terminal(int master)
{
	int full = 0;

	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
	for (int i = 0; i < 100000 && full < 100; i++) {
		full = write(master, "\n", 1) == 1 ? 0 : full + 1;
		if (full > 0)
			usleep(1000);
	}
	return full == 100;
}

/* Whether all of it is lines, and then comes the end. */
static int reads_lines_to_the_end(int slave)
{
	char text[64];
	struct pollfd ready = { slave, POLLIN, 0 };
	ssize_t n;

	while ((n = poll(&ready, 1, 10000) == 1 ? read(slave, text, sizeof(text)) : -1) > 0)
		;
	return n == 0;
}

static void the_end_of_input_waits_for_a_full_terminal(void)
{
	int in[2], out[2], inner, inner_slave;
	struct peer peer;
	struct termios mode;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
	    openpty(&inner, &inner_slave, NULL, NULL, NULL) < 0 || tcgetattr(inner_slave, &mode) < 0)
		return;
	mode.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(inner_slave, TCSANOW, &mode);
	ok(fill_terminal(inner), "a process reads nothing of its terminal");
	close(in[1]);
	write_ops("tty=yes detach=no stdin=yes", 3);
	pid_t client = EXEC(((int[]){ in[0], out[1], null }), 0);
	peer_accept(&peer);
	frame_send_fds(peer.sock, FRAME_RUNNING, "7", 1, &inner, 1);
	close(inner);
	/* It sees to its input first. */
	ok(write(inner_slave, "$ ", 2) == 2 && reads(out[0], "$ "), "its input is over by now");
	ok(reads_lines_to_the_end(inner_slave), "when it does it finds the end of what came, too");
	peer_send(&peer, FRAME_EXITED, "0");
	ok(client_end(client) == 0, "and the client ends with it");
	peer_close(&peer);
	close(inner_slave);
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

static void tests(void)
{
	a_terminal_is_not_passed_on();
	a_terminal_of_its_own();
	the_end_of_input_waits_for_a_full_terminal();
}

int main(void)
{
	return exec_client_main(tests);
}
