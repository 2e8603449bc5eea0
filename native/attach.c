/*
 * `attach RUNDIR [OPTION..] [-- EXPLAIN-ARGV..]`: the user's terminal or pipes, connected to a
 * running container by frames on the monitor's socket. Ends with the container's exit code, or with
 * 0 when the detach keys were typed.
 *
 * One frame waits in either direction at most, and its source is not read meanwhile: that is all
 * the backpressure there is, and it reaches from the end of the user's pipe to the container.
 */
#include "attach.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

int attach_fail(struct attach *attach, const char *step, int err)
{
	return client_fail(&attach->client, step, err, NULL);
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

static void take_signal(struct attach *attach)
{
	int sig;

	switch (client_signal(&attach->client, &sig)) {
	case CLIENT_RESIZE:
		pass_size(attach);
		break;
	case CLIENT_OTHER:
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
		[USER_OUT] = { waiting ? attach_outlet(attach)->fd : -1, POLLOUT, 0 },
	};
	int status = NOT_ENDED;

	if (poll(ready, SOURCES, attach->more && !waiting ? 0 : -1) < 0)
		return errno == EINTR ? NOT_ENDED : attach_fail(attach, "poll", errno);
	if (ready[SIGNALS].revents)
		take_signal(attach);
	if (ready[USER_OUT].revents)
		status = attach_write_user(attach);
	if (status == NOT_ENDED && ready[USER_IN].revents)
		status = attach_read_user(attach);
	if (!frame_idle(&attach->out))
		send_monitor(attach);
	bool more = attach->more || ready[MONITOR].revents & (POLLIN | POLLHUP | POLLERR);
	if (status == NOT_ENDED && more && attach->waiting.len == 0)
		status = attach_read_monitor(attach);
	return status;
}

int verb_attach(int argc, char **argv)
{
	static struct attach attach = { .detach_keys = "ctrl-p,ctrl-q" };

	if (argc < 2)
		return report_failure("attach", EINVAL, "arguments");
	int status = client_open(&attach.client);
	if (status == 0)
		status = attach_parse_options(&attach, argv + 1);
	if (status == 0)
		status = attach_start(&attach);
	while (status == NOT_ENDED)
		status = serve(&attach);
	pty_raw_leave();
	return status;
}
