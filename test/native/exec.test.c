/* native/exec.c: pipes and files. */
#include "execclient.h"

static void pipes(void)
{
	int in[2], out[2];
	struct peer peer;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return;
	write_ops("tty=no detach=no stdin=yes", 3);
	pid_t client = EXEC(((int[]){ in[0], out[1], null }), 0);
	peer_accept(&peer);
	ok(peer_asked(&peer,
		      "exec-flags 3 tty=no detach=no stdin=yes cwd 2 /nowhere 0 exec 1 true"),
	   "the ops reach the monitor as they are");
	ok(access("ops", F_OK) < 0, "their file is gone");
	ok(peer.in.nfds == 3 && same_file(peer.in.fds[0], in[0]) &&
		   same_file(peer.in.fds[1], out[1]) && same_file(peer.in.fds[2], null),
	   "the user's own streams come along");
	peer_send(&peer, FRAME_RUNNING, "7");
	peer_send(&peer, FRAME_EXITED, "3");
	ok(client_end(client) == 3, "the exit code is the process's");
	peer_close(&peer);

	write_ops("tty=no detach=no stdin=yes", 3);
	client = EXEC(((int[]){ in[0], out[1], null }), 0);
	peer_accept(&peer);
	peer_send(&peer, FRAME_RUNNING, "7");
	kill(client, SIGINT);
	ok(client_end(client) == 128 + SIGINT, "a signal is the client's");
	peer_close(&peer);

	write_ops("tty=no detach=no stdin=no", 3);
	client = EXEC(((int[]){ in[0], out[1], null }), 0);
	peer_accept(&peer);
	ok(peer.in.nfds == 3 && same_file(peer.in.fds[0], null),
	   "without --interactive there is no input");
	peer_send(&peer, FRAME_FAILED, "1 2");
	ok(client_end(client) == 125, "a failure is 125");
	peer_close(&peer);

	write_ops("tty=no detach=no", 2);
	client = EXEC(((int[]){ in[0], out[1], null }), 0, "echo");
	peer_accept(&peer);
	peer_send(&peer, FRAME_FAILED, "1 2");
	ok(reads(out[0], "cwd 2 /nowhere 0\n") && client_end(client) == 0,
	   "explained with the op that failed");
	peer_close(&peer);

	write_ops("tty=no detach=yes", 2);
	client = EXEC(((int[]){ in[0], out[1], out[1] }), 0);
	peer_accept(&peer);
	ok(peer.in.nfds == 3 && same_file(peer.in.fds[1], null),
	   "a detached process has no streams of ours");
	peer_send(&peer, FRAME_RUNNING, "7");
	ok(client_end(client) == 0, "and nobody waits for it");
	peer_close(&peer);
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
}

static void a_file_is_not_passed_on(void)
{
	struct peer peer;
	char text[16] = "";
	int in = open("in", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int out = open("out", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (write(in, "word\n", 5) != 5 || lseek(in, 0, SEEK_SET) != 0)
		exit(2);
	write_ops("tty=no detach=no stdin=yes", 3);
	pid_t client = EXEC(((int[]){ in, out, out }), 0);
	peer_accept(&peer);
	ok(peer.in.nfds == 3 && !same_file(peer.in.fds[0], in) && !same_file(peer.in.fds[1], out),
	   "the user's files are not the process's to open again");
	ok(same_file(peer.in.fds[1], peer.in.fds[2]), "output and error stay in order");
	peer_send(&peer, FRAME_RUNNING, "7");
	ok(reads(peer.in.fds[0], "word\n") && read(peer.in.fds[0], text, 15) == 0,
	   "what is in them reaches it, and their end");
	ok(write(peer.in.fds[1], "last words\n", 11) == 11, "it writes");
	peer_send(&peer, FRAME_EXITED, "0");
	ok(client_end(client) == 0 && pread(out, text, 15, 0) == 11 &&
		   memcmp(text, "last words\n", 11) == 0,
	   "and all is in the file when the client ends");
	peer_close(&peer);
	close(in);
	close(out);
	unlink("in");
	unlink("out");
}

static void tests(void)
{
	pipes();
	a_file_is_not_passed_on();
}

int main(void)
{
	return exec_client_main(tests);
}
