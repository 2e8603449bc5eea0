/*
 * `attach RUNDIR [OPTION..] [-- EXPLAIN-ARGV..]`: the user's terminal or pipes, connected to a
 * running container by frames on the monitor's socket. Ends with the container's exit code, or with
 * 0 when the detach keys were typed.
 *
 * One frame waits in either direction at most, and its source is not read meanwhile: that is all
 * the backpressure there is, and it reaches from the end of the user's pipe to the container.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/client.h"
#include "lib/frame.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

#define CONNECT_MS 10000

struct attach {
	struct client client;
	const char *rundir;
	const char *detach_keys;
	bool tty, wants_stdin, no_stdout, no_stderr, no_logs, proxy;

	int sock;
	struct frame_in in;
	struct frame_out out;
	struct outlet user[2]; /* standard output and error */
	struct frame waiting;  /* what is being written to one of them; len 0: nothing */
	bool running, stdin_open;
};

enum { NOT_ENDED = 256 }; /* no exit status, and no -errno */

static int fail(struct attach *attach, const char *step, int err)
{
	return client_fail(&attach->client, step, err, NULL);
}

static int parse_option(struct attach *attach, char ***arg)
{
	const struct {
		const char *name;
		bool *value;
	} switches[] = {
		{ "--tty", &attach->tty },
		{ "--stdin", &attach->wants_stdin },
		{ "--no-stdout", &attach->no_stdout },
		{ "--no-stderr", &attach->no_stderr },
		{ "--no-logs", &attach->no_logs },
		{ "--sig-proxy", &attach->proxy },
	};

	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (strcmp(**arg, switches[i].name) == 0)
			return *switches[i].value = true, 0;
	if (strcmp(**arg, "--detach-keys") != 0 || !(*arg)[1])
		return report_failure("attach", EINVAL, **arg);
	attach->detach_keys = *++*arg;
	return 0;
}

static int parse_options(struct attach *attach, char **arg)
{
	attach->rundir = *arg++;
	for (; *arg; arg++) {
		if (strcmp(*arg, "--") == 0) {
			attach->client.explain = arg + 1;
			break;
		}
		int err = parse_option(attach, &arg);
		if (err < 0)
			return err;
	}
	if (detach_keys_parse(&attach->client.detach, attach->detach_keys) < 0)
		return fail(attach, "detach-keys", EINVAL);
	return 0;
}

/* Ask on a connection of its own, where no unread input of the container is in the way. */
static void ask(struct attach *attach, const char *ops, size_t len)
{
	autoclose int sock = control_connect(attach->rundir, 1000);

	if (sock >= 0)
		control_request(sock, ops, len, NULL, 0);
}

static void pass_signal(struct attach *attach, int sig)
{
	char ops[64];
	int len = snprintf(ops, sizeof(ops), "signal%c1%c%d", 0, 0, sig);

	ask(attach, ops, (size_t)len + 1);
}

static void pass_size(struct attach *attach)
{
	struct winsize size;
	char ops[64];

	if (!attach->tty || pty_size_of_user(&size) < 0)
		return;
	int len =
		snprintf(ops, sizeof(ops), "resize%c2%c%u%c%u", 0, 0, size.ws_row, 0, size.ws_col);
	ask(attach, ops, (size_t)len + 1);
}

/* Connect, say what we want, and queue the size of the terminal before anything else. */
static int start(struct attach *attach)
{
	const char *flags[] = {
		attach->wants_stdin ? "stdin" : NULL,
		attach->no_stdout ? NULL : "stdout",
		attach->no_stderr ? NULL : "stderr",
		attach->no_logs ? "logs-none" : NULL,
	};
	char ops[128], text[32];
	size_t len = 0;
	unsigned count = 0;
	struct winsize size;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		count += flags[i] != NULL;
	len = (size_t)snprintf(ops, sizeof(ops), "attach%c%u", 0, count) + 1;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i])
			len += (size_t)snprintf(ops + len, sizeof(ops) - len, "%s", flags[i]) + 1;

	attach->sock = control_connect(attach->rundir, CONNECT_MS);
	if (attach->sock < 0)
		return fail(attach, "connect", -attach->sock);
	int err = control_request(attach->sock, ops, len, NULL, 0);
	if (err < 0)
		return fail(attach, "connect", -err);
	if (attach->tty && pty_size_of_user(&size) == 0) {
		int n = snprintf(text, sizeof(text), "%u %u", size.ws_row, size.ws_col);
		frame_put(&attach->out, FRAME_RESIZE, text, (size_t)n);
	}
	attach->client.terminal = attach->tty && attach->wants_stdin && isatty(STDIN_FILENO);
	attach->stdin_open = attach->wants_stdin;
	outlet_open(&attach->user[0], STDOUT_FILENO);
	outlet_open(&attach->user[1], STDERR_FILENO);
	return NOT_ENDED;
}

/* One frame from the monitor. NOT_ENDED, or what the process ends with. */
static int take_frame(struct attach *attach, const struct frame *frame)
{
	char text[32];

	snprintf(text, sizeof(text), "%.*s", (int)(frame->len < 31 ? frame->len : 31), frame->data);
	switch (frame->type) {
	case FRAME_RUNNING:
		attach->running = true;
		if (client_enter(&attach->client) < 0)
			return fail(attach, "terminal", errno);
		return NOT_ENDED;
	case FRAME_STDOUT:
	case FRAME_STDERR:
		attach->waiting = *frame;
		return NOT_ENDED;
	case FRAME_EXITED:
		return atoi(text) & 0xff;
	case FRAME_FAILED: /* OPNUMBER ERRNO */
		return fail(attach, "attach", strchr(text, ' ') ? atoi(strchr(text, ' ')) : EPROTO);
	default:
		return NOT_ENDED;
	}
}

static const struct outlet *outlet_of(const struct attach *attach)
{
	return &attach->user[attach->waiting.type == FRAME_STDERR];
}

/* Write what waits, as far as it goes. */
static int write_user(struct attach *attach)
{
	struct frame *frame = &attach->waiting;
	const struct outlet *outlet = outlet_of(attach);

	while (frame->len > 0) {
		ssize_t n = outlet_write(outlet, frame->data, frame->len);
		if (n == -EAGAIN)
			return NOT_ENDED;
		if (n == -EPIPE)
			client_die(&attach->client,
				   SIGPIPE); /* as every program whose reader is gone */
		if (n < 0)
			return fail(attach, "write", (int)-n);
		frame->data += n;
		frame->len -= (uint32_t)n;
		if (outlet->may_block)
			return NOT_ENDED;
	}
	return NOT_ENDED;
}

/* Take frames until one has to wait for the user. */
static int read_monitor(struct attach *attach)
{
	struct frame frame;
	int status = NOT_ENDED;

	while (attach->waiting.len == 0) {
		int got = frame_next(&attach->in, &frame);
		if (got < 0)
			return fail(attach, "monitor", -got);
		if (got == 0)
			got = frame_fill(&attach->in, attach->sock);
		else if ((status = take_frame(attach, &frame)) != NOT_ENDED)
			return status;
		else if (!outlet_of(attach)->may_block &&
			 (status = write_user(attach)) != NOT_ENDED)
			return status;
		if (got == -EAGAIN)
			return NOT_ENDED;
		if (got <= 0)
			return fail(attach, "monitor", got == 0 ? ECONNRESET : -got);
	}
	return NOT_ENDED;
}

/* Standard input into one frame. 0 is the end of what is typed: detached. */
static int read_user(struct attach *attach)
{
	static char typed[FRAME_MAX - DETACH_KEYS_MAX];
	char *room = frame_room(&attach->out);
	bool raw = attach->client.terminal, detached = false;

	if (!room)
		return fail(attach, "memory", ENOMEM);
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
	return detached ? 0 : NOT_ENDED;
}

static void take_signal(struct attach *attach)
{
	int sig;

	switch (client_signal(&attach->client, &sig)) {
	case CLIENT_RESIZE:
		pass_size(attach);
		break;
	case CLIENT_PASS:
		if (!attach->proxy)
			client_die(&attach->client, sig);
		pass_signal(attach, sig);
		break;
	case CLIENT_NOTHING:
		break;
	}
}

static int send_monitor(struct attach *attach)
{
	int err = frame_flush(&attach->out, attach->sock);

	/* A monitor that is gone says so, with the exit code before, on the other direction. */
	if (err < 0 && err != -EAGAIN)
		attach->out.start = attach->out.end = 0;
	return NOT_ENDED;
}

static int serve(struct attach *attach)
{
	enum { SIGNALS, MONITOR, USER_IN, USER_OUT, SOURCES };
	bool idle = frame_idle(&attach->out), waiting = attach->waiting.len > 0;
	bool reads = attach->stdin_open && attach->running && idle;
	short monitor = (short)((waiting ? 0 : POLLIN) | (idle ? 0 : POLLOUT));
	struct pollfd ready[SOURCES] = {
		[SIGNALS] = { attach->client.signals, POLLIN, 0 },
		[MONITOR] = { monitor ? attach->sock : -1, monitor, 0 },
		[USER_IN] = { reads ? STDIN_FILENO : -1, POLLIN, 0 },
		[USER_OUT] = { waiting ? outlet_of(attach)->fd : -1, POLLOUT, 0 },
	};
	int status = NOT_ENDED;

	if (poll(ready, SOURCES, -1) < 0)
		return errno == EINTR ? NOT_ENDED : fail(attach, "poll", errno);
	if (ready[SIGNALS].revents)
		take_signal(attach);
	if (ready[USER_OUT].revents)
		status = write_user(attach);
	if (status == NOT_ENDED && ready[USER_IN].revents)
		status = read_user(attach);
	if (!frame_idle(&attach->out))
		send_monitor(attach);
	/* What follows a frame that had to wait may be here already: no poll(2) would tell. */
	bool more =
		ready[USER_OUT].revents || ready[MONITOR].revents & (POLLIN | POLLHUP | POLLERR);
	if (status == NOT_ENDED && more)
		status = read_monitor(attach);
	return status;
}

int verb_attach(int argc, char **argv)
{
	static struct attach attach = { .detach_keys = "ctrl-p,ctrl-q" };

	if (argc < 2)
		return report_failure("attach", EINVAL, "arguments");
	int status = client_open(&attach.client);
	if (status == 0)
		status = parse_options(&attach, argv + 1);
	if (status == 0)
		status = start(&attach);
	while (status == NOT_ENDED)
		status = serve(&attach);
	pty_raw_leave();
	return status;
}
