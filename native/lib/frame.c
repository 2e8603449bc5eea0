/* The requests and frames of the control socket; frame.h describes them. */
#include "lib/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "lib/fds.h"
#include "lib/util.h"

enum { OUT_CAP = FRAME_HEADER + FRAME_MAX + 256 }; /* one data frame and some small ones */

static uint32_t get_le32(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void put_le32(char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(value >> (8 * i) & 0xff);
}

/* Make room for at least `want` bytes from start on. */
static int reserve(struct frame_in *in, size_t want)
{
	if (in->start > 0) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	if (want <= in->cap)
		return 0;
	char *grown = realloc(in->buf, want);
	if (!grown)
		return -ENOMEM;
	in->buf = grown;
	in->cap = want;
	return 0;
}

int frame_fill(struct frame_in *in, int sock)
{
	if (in->start == in->end)
		in->start = in->end = 0;
	if (in->end == in->cap) {
		int err = reserve(in, in->cap ? in->end - in->start + 1 : FRAME_HEADER + FRAME_MAX);
		if (err < 0)
			return err;
	}
	unsigned count = (unsigned)(FRAME_FDS - in->nfds);
	ssize_t n = recv_fds(sock, in->buf + in->end, in->cap - in->end, in->fds + in->nfds, &count,
			     MSG_DONTWAIT);
	if (n < 0)
		return (int)n;
	in->nfds += count;
	in->end += (size_t)n;
	return (int)n;
}

/* A header of `head` bytes that ends in a length, then a payload of up to `max` bytes. */
static int next_record(struct frame_in *in, size_t head, size_t max, const char **data,
		       uint32_t *len)
{
	size_t have = in->end - in->start;
	if (have < head)
		return 0;
	*len = get_le32(in->buf + in->start + head - 4);
	if (*len > max)
		return -EMSGSIZE;
	if (have < head + *len)
		return reserve(in, head + *len);
	*data = in->buf + in->start + head;
	in->start += head + *len;
	return 1;
}

int frame_next(struct frame_in *in, struct frame *frame)
{
	char type = in->end > in->start ? in->buf[in->start] : 0;
	int got = next_record(in, FRAME_HEADER, FRAME_MAX, &frame->data, &frame->len);
	if (got == 1)
		frame->type = type;
	return got;
}

int frame_next_request(struct frame_in *in, const char **ops, size_t *len)
{
	uint32_t bytes = 0;
	int got = next_record(in, 4, REQUEST_MAX, ops, &bytes);
	*len = bytes;
	return got;
}

void frame_in_free(struct frame_in *in)
{
	for (size_t i = 0; i < in->nfds; i++)
		if (in->fds[i] >= 0)
			close(in->fds[i]);
	free(in->buf);
	*in = (struct frame_in){ 0 };
}

char *frame_room(struct frame_out *out)
{
	if (!out->buf)
		out->buf = malloc(OUT_CAP);
	if (out->start == out->end)
		out->start = out->end = 0;
	if (!out->buf || OUT_CAP - out->end < FRAME_HEADER + FRAME_MAX)
		return NULL;
	return out->buf + out->end + FRAME_HEADER;
}

void frame_commit(struct frame_out *out, char type, size_t len)
{
	out->buf[out->end] = type;
	put_le32(out->buf + out->end + 1, (uint32_t)len);
	out->end += FRAME_HEADER + len;
}

int frame_put(struct frame_out *out, char type, const void *data, size_t len)
{
	frame_room(out);
	if (!out->buf)
		return -ENOMEM;
	if (len > FRAME_MAX)
		return -EMSGSIZE;
	if (OUT_CAP - out->end < FRAME_HEADER + len)
		return -EAGAIN;
	if (len > 0)
		memcpy(out->buf + out->end + FRAME_HEADER, data, len);
	frame_commit(out, type, len);
	return 0;
}

int frame_flush(struct frame_out *out, int sock)
{
	while (out->start < out->end) {
		ssize_t n = send(sock, out->buf + out->start, out->end - out->start,
				 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		out->start += (size_t)n;
	}
	return 0;
}

void frame_out_free(struct frame_out *out)
{
	free(out->buf);
	*out = (struct frame_out){ 0 };
}

int frame_send_fds(int sock, char type, const void *data, size_t len, const int *fds,
		   unsigned count)
{
	char frame[FRAME_HEADER + 64] = { type };

	if (len > sizeof(frame) - FRAME_HEADER)
		return -EMSGSIZE;
	put_le32(frame + 1, (uint32_t)len);
	memcpy(frame + FRAME_HEADER, data, len);
	ssize_t n = send_fds(sock, frame, FRAME_HEADER + len, fds, count, MSG_DONTWAIT);
	if (n < 0)
		return (int)n;
	return (size_t)n == FRAME_HEADER + len ? 0 : -EAGAIN;
}

/* A socket's path has 107 bytes at most (unix(7)); every directory is near by /proc/self/fd. */
int control_connect(const char *rundir, int waitms)
{
	autoclose int dir = open(rundir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	autoclose int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;

	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/attach", dir);
	struct timeval wait = { waitms / 1000, waitms % 1000 * 1000 }; /* for a full backlog */
	setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(sock, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return take_fd(&sock);
}

int control_request(int sock, const char *ops, size_t len, const int *fds, unsigned count)
{
	char head[4];

	if (len > REQUEST_MAX)
		return -EMSGSIZE;
	put_le32(head, (uint32_t)len);
	/*
	 * A new connection has room for four bytes: they go whole, and the descriptors with them.
	 */
	ssize_t n = send_fds(sock, head, sizeof(head), fds, count, 0);
	if (n < 0)
		return (int)n;
	for (size_t sent = 0; sent < len; sent += (size_t)n) {
		n = send_fds(sock, ops + sent, len - sent, NULL, 0, 0);
		if (n < 0)
			return (int)n;
	}
	return 0;
}
