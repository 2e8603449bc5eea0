/* What goes through `exec` itself: between the user's terminal and the process's pipes or pty. */
#include "exec.h"

#include <errno.h>
#include <string.h>
#include <termios.h>

#include "lib/util.h"

/*
 * Nothing more comes from there. A shell at a pty that was fed from a pipe must learn of the end as
 * from a keyboard: an end-of-file character, and one more where the line before it has no end.
 */
static void end_pump(struct exec *exec, struct pump *pump)
{
	struct termios now;

	pump->from = -1;
	if (pump != &exec->pumps[PUMP_IN])
		return;
	if (pump->to.fd != exec->master) {
		drop_fd(&pump->to.fd);
	} else if (tcgetattr(exec->master, &now) == 0 && (now.c_lflag & ICANON)) {
		/* Typed by pump_empty(), once there is room. */
		pump->start = 0;
		pump->end = exec->last_typed == '\n' ? 1 : 2;
		memset(pump->data, now.c_cc[VEOF], pump->end);
	}
}

int pump_fill(struct exec *exec, struct pump *pump)
{
	char typed[PUMP_SIZE - DETACH_KEYS_MAX];
	bool in = pump == &exec->pumps[PUMP_IN], raw = in && exec->client.terminal;
	ssize_t n = read(pump->from, typed, sizeof(typed));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NOT_ENDED;
	if (n <= 0 && raw)
		client_die(&exec->client, SIGHUP); /* The terminal is gone, and the pty with us. */
	if (n <= 0) {                              /* EIO: no slave of the pty is open any more. */
		end_pump(exec, pump);
		return NOT_ENDED;
	}
	pump->start = 0;
	if (in)
		exec->last_typed = typed[n - 1];
	if (raw &&
	    detach_keys_filter(&exec->client.detach, typed, (size_t)n, pump->data, &pump->end)) {
		frame_put(&exec->out, FRAME_DETACH, NULL, 0);
		frame_flush(&exec->out, exec->sock);
		client_detached();
		return 0;
	}
	if (!raw) {
		memcpy(pump->data, typed, (size_t)n);
		pump->end = (size_t)n;
	}
	return NOT_ENDED;
}

int pump_empty(struct exec *exec, struct pump *pump)
{
	ssize_t n = outlet_write(&pump->to, pump->data + pump->start, pump->end - pump->start);

	if (n == -EAGAIN)
		return NOT_ENDED;
	if (n >= 0) {
		pump->start += (size_t)n;
		return NOT_ENDED;
	}
	pump->start = pump->end = 0;
	if (pump == &exec->pumps[PUMP_IN]) {
		pump->from = -1; /* The process reads no more. */
		return NOT_ENDED;
	}
	if (n == -EPIPE)
		client_die(&exec->client, SIGPIPE); /* as every program whose reader is gone */
	return exec_fail(exec, "write", (int)-n);
}
