/*
 * The control socket RUNDIR/attach: one request, then frames in both directions.
 *
 * request: 4-byte little-endian length, that many bytes of ops; descriptors ride on its first byte
 * frame:   1-byte type, 4-byte little-endian length, then the payload
 *
 * Nothing here blocks unless it says so: every call passes MSG_DONTWAIT, whatever the socket's
 * flags are.
 */
#ifndef TSPOD_FRAME_H
#define TSPOD_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_HEADER = 5,
	FRAME_MAX = 32 * 1024,     /* payload of one frame, in bytes */
	REQUEST_MAX = 1024 * 1024, /* ops of one request, in bytes */
	FRAME_FDS = 64,            /* descriptors of one connection that nobody took yet */
};

enum frame_type {
	/* monitor -> client */
	/* host pid; what was asked for rides along: the pty's master, or `root`'s mount */
	FRAME_RUNNING = 'r',
	FRAME_FAILED = 'f',  /* OPNUMBER ERRNO */
	FRAME_STDOUT = 'o',
	FRAME_STDERR = 'e',
	FRAME_EXITED = 'x', /* exit code as a shell counts, decimal */
	/* client -> monitor */
	FRAME_STDIN = 'i',
	FRAME_STDIN_CLOSED = 'c',
	FRAME_RESIZE = 'w', /* ROWS COLS */
	FRAME_DETACH = 'd', /* exec with a tty: the client leaves, the process shall go on */
};

struct frame {
	char type;
	uint32_t len;
	const char *data; /* not terminated; valid until the next frame_fill */
};

/* What came in and was not taken yet. Zero-initialise; frame_in_free at the end. */
struct frame_in {
	char *buf;
	size_t cap, start, end;
	int fds[FRAME_FDS]; /* received, close-on-exec; whoever takes one sets its place to -1 */
	size_t nfds;
};

/* One recvmsg(2): the number of bytes, 0 at the end of the stream, -EAGAIN when nothing came. */
int frame_fill(struct frame_in *in, int sock);

/* The next whole frame: 1, or 0 when more bytes are needed, or -EMSGSIZE. */
int frame_next(struct frame_in *in, struct frame *frame);

/* The request that opens a connection: 1, or 0 when more bytes are needed, or -EMSGSIZE. */
int frame_next_request(struct frame_in *in, const char **ops, size_t *len);

/* Also closes descriptors that nobody took. */
void frame_in_free(struct frame_in *in);

/*
 * What waits to be sent. Zero-initialise. There is room for one data frame and a few small ones, so
 * whoever reads a source only while frame_idle() has backpressure for nothing.
 */
struct frame_out {
	char *buf;
	size_t start, end;
};

static inline int frame_idle(const struct frame_out *out)
{
	return out->start == out->end;
}

/* Where up to FRAME_MAX bytes may be read(2) straight into a frame; NULL without memory or room. */
char *frame_room(struct frame_out *out);

/* Make a frame of the first len bytes at frame_room(). */
void frame_commit(struct frame_out *out, char type, size_t len);

/* Queue a frame: 0, or -EAGAIN when there is no room now. */
int frame_put(struct frame_out *out, char type, const void *data, size_t len);

/* Send what is queued: 0 when all of it went, -EAGAIN when the peer is slow. */
int frame_flush(struct frame_out *out, int sock);

void frame_out_free(struct frame_out *out);

/* One small frame with descriptors, past the queue, whole or not at all: -EAGAIN. */
int frame_send_fds(int sock, char type, const void *data, size_t len, const int *fds,
		   unsigned count);

/* Connect to RUNDIR/attach, of any length: the descriptor or -errno. Blocks up to waitms. */
int control_connect(const char *rundir, int waitms);

/* Send the request, waiting for the peer (as long as control_connect() was told): 0 or -errno. */
int control_request(int sock, const char *ops, size_t len, const int *fds, unsigned count);

#endif
