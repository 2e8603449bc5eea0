#include "tap.h"
#include "lib/frame.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void frames_arrive_whole(void)
{
	int pair[2];
	struct frame_out out = { 0 };
	struct frame_in in = { 0 };
	struct frame frame;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	ok(frame_put(&out, FRAME_STDOUT, "\0binary\xff", 8) == 0, "a frame is queued");
	ok(frame_put(&out, FRAME_EXITED, "137", 3) == 0, "a second one behind it");
	ok(!frame_idle(&out), "and both wait");
	/* Byte by byte: a frame may be torn anywhere. */
	for (; out.start < out.end; out.start++) {
		if (write(pair[0], out.buf + out.start, 1) != 1)
			break;
		frame_fill(&in, pair[1]);
		if (frame_next(&in, &frame) == 1)
			ok(frame.type == FRAME_STDOUT
				   ? frame.len == 8 && memcmp(frame.data, "\0binary\xff", 8) == 0
				   : frame.type == FRAME_EXITED &&
					     memcmp(frame.data, "137", 3) == 0,
			   "a frame that came in pieces is whole");
	}
	ok(frame_fill(&in, pair[1]) == -EAGAIN, "without data there is no waiting");
	close(pair[0]);
	ok(frame_fill(&in, pair[1]) == 0, "the end of the stream is seen");
	frame_out_free(&out);
	frame_in_free(&in);
	close(pair[1]);
}

static void a_slow_peer_holds_the_source_back(void)
{
	int pair[2], queued = 0, err;
	struct frame_out out = { 0 };
	struct frame_in in = { 0 };
	struct frame frame;
	size_t got = 0;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	for (;; queued++) {
		char *room = frame_room(&out);
		memset(room, queued, FRAME_MAX);
		frame_commit(&out, FRAME_STDIN, FRAME_MAX);
		if ((err = frame_flush(&out, pair[0])) < 0)
			break;
	}
	ok(err == -EAGAIN && !frame_room(&out), "a full socket leaves no room for more");
	ok(frame_put(&out, FRAME_RESIZE, "24 80", 5) == 0, "but some for a small frame");
	for (;;) {
		frame_flush(&out, pair[0]);
		if (frame_fill(&in, pair[1]) <= 0)
			break;
		while (frame_next(&in, &frame) == 1)
			got += frame.type == FRAME_STDIN;
	}
	ok(got == (size_t)queued + 1 && frame.type == FRAME_RESIZE, "everything arrives, in order");
	char bad[] = { 'i', 0, 0, 0, 1 };
	ok(write(pair[0], bad, 5) == 5 && frame_fill(&in, pair[1]) == 5 &&
		   frame_next(&in, &frame) == -EMSGSIZE,
	   "a frame beyond the limit is refused");
	frame_out_free(&out);
	frame_in_free(&in);
	close(pair[0]);
	close(pair[1]);
}

static void requests_carry_descriptors(void)
{
	int pair[2], pipes[2];
	struct frame_in in = { 0 };
	const char *ops;
	size_t len;
	char byte;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	if (pipe(pipes) < 0)
		return;
	ok(control_request(pair[0],
			   "wait\0"
			   "0",
			   7, pipes, 2) == 0,
	   "a request is sent with its descriptors");
	frame_fill(&in, pair[1]);
	frame_fill(&in, pair[1]);
	ok(frame_next_request(&in, &ops, &len) == 1 && len == 7 && strcmp(ops, "wait") == 0,
	   "its ops arrive");
	ok(in.nfds == 2 && (fcntl(in.fds[0], F_GETFD) & FD_CLOEXEC),
	   "its descriptors too, closed on exec");
	ok(write(in.fds[1], "x", 1) == 1 && read(pipes[0], &byte, 1) == 1 && byte == 'x',
	   "and they are ours");
	frame_in_free(&in);
	ok(fcntl(in.fds[0], F_GETFD) < 0 || in.nfds == 0, "what nobody took is closed");
	int null = open("/dev/null", O_WRONLY);
	ok(frame_send_fds(pair[1], FRAME_RUNNING, "42", 2, &null, 1) == 0, "a frame can carry one");
	frame_fill(&in, pair[0]);
	frame_fill(&in, pair[0]);
	struct frame frame;
	ok(frame_next(&in, &frame) == 1 && frame.len == 2 && in.nfds == 1,
	   "and the client gets it");
	frame_in_free(&in);
}

static void a_socket_may_be_deep(void)
{
	char deep[300] = "";
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "attach" };
	char *top = tap_directory();
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);

	if (chdir(top) < 0)
		return;
	ok(control_connect(top, 100) == -ENOENT, "a container without a monitor is told by ENOENT");
	strcat(deep, top);
	for (int i = 0; i < 3; i++) {
		char name[61];
		memset(name, 'd', 60);
		name[60] = '\0';
		if (mkdir(name, 0700) < 0 || chdir(name) < 0)
			return;
		strcat(strcat(deep, "/"), name);
	}
	bind(sock, (struct sockaddr *)&address, sizeof(address));
	ok(control_connect(deep, 100) == -ECONNREFUSED, "a dead monitor by ECONNREFUSED");
	listen(sock, 1);
	ok(control_connect(deep, 100) >= 0, "a path of more than 107 bytes can be connected to");
}

int main(void)
{
	frames_arrive_whole();
	a_slow_peer_holds_the_source_back();
	requests_carry_descriptors();
	a_socket_may_be_deep();
	return done();
}
