#include "clients.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/pty.h"
#include "loop.h"
#include "sessions.h"
#include "stream.h"

/* How long connections wait where there is no descriptor for one: nobody tells of the next. */
#define DEAF_MS 100

static struct client clients[CLIENTS_MAX];
static int64_t deaf_until; /* 0: we listen */

struct client *client_at(unsigned index)
{
	return &clients[index];
}

unsigned client_index(const struct client *client)
{
	return (unsigned)(client - clients);
}

int clients_listen(struct monitor *m)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	/* sun_path has 108 bytes, a directory's path may have 4096: unix(7). */
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/attach", m->run_dir);
	unlinkat(m->run_dir, "attach", 0);
	mode_t before = umask(0177);
	int err = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(before);
	if (err == 0 && listen(fd, 64) < 0)
		err = -errno;
	m->listener = err < 0 ? -1 : take_fd(&fd);
	return err;
}

void client_drop(struct client *client)
{
	if (client->state == CLIENT_EXEC)
		session_abandoned(client->session);
	if (client->state == CLIENT_HOLDING)
		control_release(client);
	frame_in_free(&client->in);
	frame_out_free(&client->out);
	drop_fd(&client->fd);
	*client = (struct client){ .fd = -1 };
}

void client_flush(struct client *client)
{
	size_t before = client->out.start;
	int err = frame_flush(&client->out, client->fd);

	if (err == 0)
		client->waits_since = 0;
	else if (client->waits_since == 0 || client->out.start != before)
		client->waits_since = now_ms();
	if (err < 0 ? err != -EAGAIN : client->state == CLIENT_LEAVING)
		client_drop(client);
}

void client_reply(struct client *client, char type, const char *format, ...)
{
	char text[64];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (frame_put(&client->out, type, text, (size_t)n) < 0)
		client_drop(client);
	else
		client_flush(client);
}

/* The rest stays where it is and is tried again when init reads. */
void client_take_input(struct client *client, const char *data, size_t len)
{
	size_t n = client->has_stdin ? stream_input(data, len) : len;

	client->stalled = data + n;
	client->stalled_len = len - n;
}

static void close_input(struct client *client)
{
	const char *eof = stream_close_input();

	if (eof)
		client_take_input(client, eof, 1);
}

static void take_resize(const struct frame *frame)
{
	struct winsize size;

	if (pty_size_parse(frame->data, frame->len, &size) == 0)
		stream_resize(size.ws_row, size.ws_col);
}

static void take_frame(struct client *client, const struct frame *frame)
{
	if (client->state == CLIENT_EXEC) {
		if (frame->type == FRAME_DETACH)
			session_detach(client->session);
		return;
	}
	if (client->state != CLIENT_ATTACHED)
		return;
	switch (frame->type) {
	case FRAME_STDIN: client_take_input(client, frame->data, frame->len); break;
	case FRAME_STDIN_CLOSED:
		if (client->has_stdin)
			close_input(client);
		break;
	case FRAME_RESIZE: take_resize(frame); break;
	default: break;
	}
}

void client_take_frames(struct monitor *m, struct client *client)
{
	struct frame frame;
	const char *text;
	size_t len;
	int got = 1;

	if (client->state == CLIENT_ASKING) {
		got = frame_next_request(&client->in, &text, &len);
		if (got == 1)
			control_request_done(m, client, text, len);
	}
	while (got == 1 && client->fd >= 0 && client->state != CLIENT_ASKING &&
	       client->stalled_len == 0)
		if ((got = frame_next(&client->in, &frame)) == 1)
			take_frame(client, &frame);
	if (got < 0)
		client_drop(client);
}

static void client_ready(struct monitor *m, unsigned index)
{
	struct client *client = &clients[index];

	if (client->fd < 0)
		return;
	if (!frame_idle(&client->out))
		client_flush(client);
	if (client->fd < 0 || client->stalled_len > 0)
		return;
	int n = frame_fill(&client->in, client->fd);
	if (n == -EAGAIN)
		return;
	if (n <= 0)
		client_drop(client);
	else
		client_take_frames(m, client);
}

static void listener_ready(struct monitor *m, unsigned unused)
{
	(void)unused;
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i].state != CLIENT_FREE)
			continue;
		int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			/* Or poll(2) would tell of it over and over: accept(2), EMFILE. */
			deaf_until = errno == EAGAIN ? 0 : now_ms() + DEAF_MS;
			return;
		}
		clients[i] = (struct client){ .state = CLIENT_ASKING, .fd = fd };
		client_ready(m, i); /* The request is mostly there already. */
	}
}

void clients_watch(struct monitor *m)
{
	bool room = false;

	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		const struct client *client = &clients[i];
		room |= client->state == CLIENT_FREE;
		if (client->state == CLIENT_FREE)
			continue;
		short events = frame_idle(&client->out) ? 0 : POLLOUT;
		if (client->stalled_len == 0)
			events |= POLLIN;
		/* poll(2) tells of a hang-up unasked; it can wait until its input has gone. */
		if (events)
			loop_watch(client->fd, events, client_ready, i);
	}
	if (room && deaf_until == 0)
		loop_watch(m->listener, POLLIN, listener_ready, 0);
}

int64_t clients_listen_again(int64_t now)
{
	if (now >= deaf_until)
		deaf_until = 0;
	return deaf_until;
}

void clients_tell_health(int code)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = client_at(i);
		if (client->state != CLIENT_HEALTH)
			continue;
		client->state = CLIENT_LEAVING;
		if (code < 0)
			client_reply(client, FRAME_FAILED, "0 %d", ESRCH);
		else
			client_reply(client, FRAME_EXITED, "%d", code);
	}
}
