/*
 * What `attach` passes on: frames of the monitor to the user, and what the user types to the
 * monitor.
 */
#include "attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"

/* One frame from the monitor. NOT_ENDED, or what the process ends with. */
static int take_frame(struct attach *attach, const struct frame *frame)
{
	char text[32];

	snprintf(text, sizeof(text), "%.*s", (int)(frame->len < 31 ? frame->len : 31), frame->data);
	switch (frame->type) {
	case FRAME_RUNNING:
		attach->running = true;
		if (client_enter(&attach->client) < 0)
			return attach_fail(attach, "terminal", errno);
		return NOT_ENDED;
	case FRAME_STDOUT:
	case FRAME_STDERR:
		attach->waiting = *frame;
		return NOT_ENDED;
	case FRAME_EXITED:
		return atoi(text) & 0xff;
	case FRAME_FAILED: /* OPNUMBER ERRNO */
		return attach_fail(attach, "attach",
				   strchr(text, ' ') ? atoi(strchr(text, ' ')) : EPROTO);
	default:
		return NOT_ENDED;
	}
}

const struct outlet *attach_outlet(const struct attach *attach)
{
	return &attach->user[attach->waiting.type == FRAME_STDERR];
}

int attach_write_user(struct attach *attach)
{
	struct frame *frame = &attach->waiting;
	const struct outlet *outlet = attach_outlet(attach);

	while (frame->len > 0) {
		ssize_t n = outlet_write(outlet, frame->data, frame->len);
		if (n == -EAGAIN)
			return NOT_ENDED;
		if (n == -EPIPE)
			client_die(&attach->client,
				   SIGPIPE); /* as every program whose reader is gone */
		if (n < 0)
			return attach_fail(attach, "write", (int)-n);
		frame->data += n;
		frame->len -= (uint32_t)n;
		if (outlet->may_block)
			return NOT_ENDED;
	}
	return NOT_ENDED;
}

int attach_read_monitor(struct attach *attach)
{
	struct frame frame;
	int got;

	attach->more = false;
	while ((got = frame_next(&attach->in, &frame)) == 0) {
		got = frame_fill(&attach->in, attach->sock);
		if (got == -EAGAIN)
			return NOT_ENDED;
		if (got <= 0)
			return attach_fail(attach, "monitor", got == 0 ? ECONNRESET : -got);
	}
	if (got < 0)
		return attach_fail(attach, "monitor", -got);
	attach->more = true;
	int status = take_frame(attach, &frame);
	if (status == NOT_ENDED && !attach_outlet(attach)->may_block)
		status = attach_write_user(attach);
	return status;
}

int attach_read_user(struct attach *attach)
{
	static char typed[FRAME_MAX - DETACH_KEYS_MAX];
	char *room = frame_room(&attach->out);
	bool raw = attach->client.terminal, detached = false;

	if (!room)
		return attach_fail(attach, "memory", ENOMEM);
	ssize_t n = raw ? read(STDIN_FILENO, typed, sizeof(typed))
			: read(STDIN_FILENO, room, FRAME_MAX);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NOT_ENDED;
	if (n <= 0 && raw)
		client_die(&attach->client,
			   SIGHUP); /* The terminal is gone; the container stays. */
	size_t len = n > 0 ? (size_t)n : 0;
	if (raw)
		detached = detach_keys_filter(&attach->client.detach, typed, len, room, &len);
	if (len > 0)
		frame_commit(&attach->out, FRAME_STDIN, len);
	if (n <= 0) {
		attach->stdin_open = false;
		frame_put(&attach->out, FRAME_STDIN_CLOSED, NULL, 0);
	}
	if (detached)
		client_detached();
	return detached ? 0 : NOT_ENDED;
}
