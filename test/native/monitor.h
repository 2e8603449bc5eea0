/* A fake of the monitor's side of the control socket, and the client in a process of its own. */
#ifndef TSPOD_FAKE_MONITOR_H
#define TSPOD_FAKE_MONITOR_H

#include "lib/child.h"
#include "lib/frame.h"
#include "lib/report.h"
#include "verbs.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>

struct peer {
	int sock;
	struct frame_in in;
	char request[4096];
	size_t request_len;
};

static int listener = -1;

/* Listen in a new directory, the client's RUNDIR. */
__attribute__((unused)) static char *monitor_listen(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "attach" };
	char *rundir = tap_directory();

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (chdir(rundir) < 0 || bind(listener, (void *)&address, sizeof(address)) < 0 ||
	    listen(listener, 8) < 0)
		exit(2);
	return rundir;
}

/* Wait for the next bytes; 0 at the end. */
static int peer_wait(struct peer *peer)
{
	struct pollfd ready = { peer->sock, POLLIN, 0 };

	poll(&ready, 1, 10000);
	return frame_fill(&peer->in, peer->sock);
}

/* Accept a connection and read its request. */
__attribute__((unused)) static void peer_accept(struct peer *peer)
{
	const char *ops;
	size_t len = 0;

	*peer = (struct peer){ .sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC) };
	while (frame_next_request(&peer->in, &ops, &len) != 1)
		if (peer_wait(peer) <= 0)
			return;
	peer->request_len = len < sizeof(peer->request) ? len : sizeof(peer->request);
	memcpy(peer->request, ops, peer->request_len);
}

/* Whether the request is these bytes: fields between spaces here, NULs there. */
__attribute__((unused)) static int peer_asked(const struct peer *peer, const char *fields)
{
	char text[sizeof(peer->request) + 1];

	for (size_t i = 0; i < peer->request_len; i++)
		text[i] = peer->request[i] ? peer->request[i] : ' ';
	text[peer->request_len > 0 ? peer->request_len - 1 : 0] = '\0';
	if (strcmp(text, fields) != 0)
		printf("# request: %s\n", text);
	return strcmp(text, fields) == 0;
}

/* The next frame, waiting for it; type 0 at the end of the stream. */
__attribute__((unused)) static struct frame peer_frame(struct peer *peer)
{
	struct frame frame = { 0 };

	while (frame_next(&peer->in, &frame) != 1)
		if (peer_wait(peer) <= 0)
			return (struct frame){ 0 };
	return frame;
}

__attribute__((unused)) static int frame_is(struct frame frame, char type, const char *text)
{
	if (frame.type == type && frame.len == strlen(text) &&
	    memcmp(frame.data, text, frame.len) == 0)
		return 1;
	printf("# frame %c %.*s\n", frame.type ? frame.type : '-', (int)frame.len,
	       frame.data ? frame.data : "");
	return 0;
}

__attribute__((unused)) static int peer_send(struct peer *peer, char type, const char *text)
{
	struct frame_out out = { 0 };
	frame_put(&out, type, text, strlen(text));
	int err = frame_flush(&out, peer->sock);
	frame_out_free(&out);
	return err;
}

__attribute__((unused)) static void peer_close(struct peer *peer)
{
	frame_in_free(&peer->in);
	close(peer->sock);
}

/* Start a verb with these standard streams; with `session` they are its controlling terminal. */
__attribute__((unused)) static pid_t client_start(int (*verb)(int, char **), char **argv,
						  const int fds[3], int session)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	fflush(stdout);
	pid_t child = fork();
	if (child != 0)
		return child;
	if (session) {
		setsid();
		ioctl(fds[0], TIOCSCTTY, 0);
	}
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			_exit(99);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	int status = verb(argc, argv);
	_exit(status < 0 ? 125 : status);
}

__attribute__((unused)) static int client_end(pid_t client)
{
	int status;
	waitpid(client, &status, 0);
	return child_exit_code(status);
}

/* Read what a descriptor gives within the limit until it ends with `text`. */
__attribute__((unused)) static int reads(int fd, const char *text)
{
	char seen[4096] = "";
	size_t used = 0, len = strlen(text);

	for (;;) {
		struct pollfd ready = { fd, POLLIN, 0 };
		if (poll(&ready, 1, 10000) != 1)
			break;
		ssize_t n = read(fd, seen + used, sizeof(seen) - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
		seen[used] = '\0';
		if (used >= len && memcmp(seen + used - len, text, len) == 0)
			return 1;
	}
	printf("# read: %s\n", seen);
	return 0;
}

#endif
