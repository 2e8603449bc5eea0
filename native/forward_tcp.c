/*
 * TCP connections of published ports: each is two sockets, and what comes in at one goes out at the
 * other. An idle connection costs its two sockets and no buffer.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "forward.h"
#include "lib/util.h"

#define CHUNK (128 << 10)

/*
 * One side. What could not be written to it yet is kept here, and its other side is not read then.
 */
struct side {
	struct source source;
	struct pair *pair;
	int fd;
	uint32_t watched;
	bool is_open;	  /* connected */
	bool has_ended;	  /* nothing more comes from it */
	bool is_shut;	  /* nothing more goes to it */
	char *pending;
	size_t pending_at, pending_len;
};

struct pair {
	struct side client, server;
	bool is_dead;
};

static char chunk[CHUNK];

static struct side *other(struct side *side)
{
	return side == &side->pair->client ? &side->pair->server : &side->pair->client;
}

/* SO_LINGER with no time sends a reset: socket(7). */
void tcp_close(int fd, bool abort)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (abort)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void close_side(struct side *side, bool abort)
{
	if (side->fd < 0)
		return;
	tcp_close(side->fd, abort);
	free(side->pending);
	side->pending = NULL;
	side->fd = -1;
}

static void close_pair(struct pair *pair, bool abort)
{
	if (pair->is_dead)
		return;
	pair->is_dead = true;
	close_side(&pair->client, abort);
	close_side(&pair->server, abort);
	forward_bury(pair);
}

static int watch_side(struct side *side)
{
	bool can_read =
		side->is_open && !side->has_ended && other(side)->is_open && !other(side)->pending;
	uint32_t events = (can_read ? (uint32_t)EPOLLIN : 0) |
			  (side->pending || !side->is_open ? (uint32_t)EPOLLOUT : 0);

	if (events == side->watched)
		return 0;
	side->watched = events;
	/* A hang-up would be reported over and over while the other side is still busy. */
	if (events == 0) {
		epoll_ctl(forward_epoll, EPOLL_CTL_DEL, side->fd, NULL);
		return 0;
	}
	return forward_watch(side->fd, &side->source, events);
}

/* 0, or the number of bytes that were taken, or -errno. */
static ssize_t write_some(struct side *side, const char *data, size_t len)
{
	ssize_t n = send(side->fd, data, len, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return n;
}

static int keep_rest(struct side *side, const char *data, size_t len)
{
	side->pending = malloc(len);
	if (!side->pending)
		return -ENOMEM;
	memcpy(side->pending, data, len);
	side->pending_at = 0;
	side->pending_len = len;
	return 0;
}

/* An end on one side is passed on once everything before it is. */
static void pass_end(struct side *to)
{
	if (!other(to)->has_ended || to->pending || to->is_shut)
		return;
	shutdown(to->fd, SHUT_WR);
	to->is_shut = true;
}

static int flush(struct side *to)
{
	if (!to->pending)
		return 0;
	ssize_t n = write_some(to, to->pending + to->pending_at, to->pending_len - to->pending_at);
	if (n < 0)
		return (int)n;
	to->pending_at += (size_t)n;
	if (to->pending_at < to->pending_len)
		return 0;
	free(to->pending);
	to->pending = NULL;
	return 0;
}

static int pump(struct side *from)
{
	struct side *to = other(from);
	ssize_t n = recv(from->fd, chunk, sizeof(chunk), 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0) {
		from->has_ended = true;
		return 0;
	}
	ssize_t sent = write_some(to, chunk, (size_t)n);
	if (sent < 0)
		return (int)sent;
	return sent < n ? keep_rest(to, chunk + sent, (size_t)(n - sent)) : 0;
}

static int finish_connect(struct side *side)
{
	int err;
	socklen_t len = sizeof(err);

	if (getsockopt(side->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	side->is_open = err == 0;
	return -err;
}

static void side_ready(struct source *source, uint32_t events)
{
	struct side *side = (struct side *)source;
	struct pair *pair = side->pair;
	int err = 0;

	if (pair->is_dead)
		return;
	if (!side->is_open)
		err = finish_connect(side);
	else if (events & EPOLLERR)
		err = -ECONNRESET;
	if (err == 0 && side->pending)
		err = flush(side);
	if (err == 0 && (side->watched & EPOLLIN) && (events & (EPOLLIN | EPOLLHUP)))
		err = pump(side);
	if (err == 0) {
		pass_end(&pair->client);
		pass_end(&pair->server);
	}
	bool is_over = pair->client.is_shut && pair->server.is_shut;
	if (err < 0 || is_over || (err = watch_side(&pair->client)) < 0 ||
	    (err = watch_side(&pair->server)) < 0)
		close_pair(pair, err < 0);
}

static void prepare_side(struct side *side, struct pair *pair, int fd)
{
	int one = 1;

	*side = (struct side){ .source.ready = side_ready, .pair = pair, .fd = fd, .watched = ~0U };
	/* When to wait is for the ends to say. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	/* A client may vanish without a word. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

bool tcp_join(int client, int server)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	if (!pair)
		return false;
	prepare_side(&pair->client, pair, client);
	prepare_side(&pair->server, pair, server);
	pair->client.is_open = true;
	if (watch_side(&pair->client) < 0 || watch_side(&pair->server) < 0)
		close_pair(pair, true);
	return true;
}
