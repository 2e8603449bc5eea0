/*
 * `exec RUNDIR OPSFILE [EXPLAIN-ARGV..]`: one more process in a running container. The monitor
 * gets the ops and the process's standard streams: the user's own pipes as they are, and pipes
 * that we pump where there is a terminal or a file (Podman's processes see no terminal without
 * --tty either). With --tty the monitor makes a pty in the container and we get its master.
 *
 * Ends with the exit code of the process, or with 0 when the detach keys were typed.
 */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

int exec_fail(struct exec *exec, const char *step, int err)
{
	return client_fail(&exec->client, step, err, NULL);
}

/* The process runs; with --tty its pty came along. */
static int take_running(struct exec *exec)
{
	if (exec->detached) {
		bool failed = exec->id && (puts(exec->id) == EOF || fflush(stdout) != 0);
		return failed ? exec_fail(exec, "write", errno) : 0;
	}
	if (!exec->tty)
		return NOT_ENDED;
	if (exec->in.nfds == 0)
		return exec_fail(exec, "pty", EBADMSG);
	exec->master = exec->in.fds[0];
	exec->in.fds[0] = -1;
	if (fcntl(exec->master, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return exec_fail(exec, "pty", errno);
	exec->pumps[PUMP_OUT].from = exec->master;
	outlet_open(&exec->pumps[PUMP_OUT].to, STDOUT_FILENO);
	if (exec->wants_stdin) {
		exec->pumps[PUMP_IN].from = STDIN_FILENO;
		exec->pumps[PUMP_IN].to = (struct outlet){ .fd = exec->master };
	}
	if (client_enter(&exec->client) < 0)
		return exec_fail(exec, "terminal", errno);
	return NOT_ENDED;
}

/* OPNUMBER ERRNO: the explanation gets the op's name and arguments. */
static int take_failure(struct exec *exec, const char *text)
{
	const char *space = strchr(text, ' ');
	unsigned number = (unsigned)atoi(text);
	int err = space ? atoi(space) : EPROTO;

	if (number >= exec->ops.count)
		return exec_fail(exec, "exec", err);
	const struct op *op = &exec->ops.list[number];
	return client_fail(&exec->client, op_name(op->kind), err, op->argv);
}

static int read_monitor(struct exec *exec)
{
	struct frame frame;
	char text[32];

	for (;;) {
		int got = frame_next(&exec->in, &frame);
		if (got == 0) {
			got = frame_fill(&exec->in, exec->sock);
			if (got == -EAGAIN)
				return NOT_ENDED;
			if (got <= 0)
				return exec_fail(exec, "monitor", got == 0 ? ECONNRESET : -got);
			continue;
		}
		if (got < 0)
			return exec_fail(exec, "monitor", -got);
		snprintf(text, sizeof(text), "%.*s", (int)(frame.len < 31 ? frame.len : 31),
			 frame.data);
		int status = NOT_ENDED;
		if (frame.type == FRAME_RUNNING)
			status = take_running(exec);
		else if (frame.type == FRAME_FAILED)
			status = take_failure(exec, text);
		if (status != NOT_ENDED)
			return status;
		if (frame.type == FRAME_EXITED) {
			exec->ended = true;
			exec->status = atoi(text) & 0xff;
			return NOT_ENDED;
		}
	}
}

static void take_signal(struct exec *exec)
{
	struct winsize size;
	int sig;

	switch (client_signal(&exec->client, &sig)) {
	case CLIENT_RESIZE:
		if (exec->master >= 0 && pty_size_of_user(&size) == 0)
			ioctl(exec->master, TIOCSWINSZ, &size);
		break;
	case CLIENT_OTHER: /* Ours: the process goes on, as with Podman. */
		client_die(&exec->client, sig);
	case CLIENT_NOTHING:
		break;
	}
}

/*
 * Whether all is said: the process has ended, and what it wrote is written. Somebody else may hold
 * its streams open, so this is what there is now and no wait for an end.
 */
static bool is_over(const struct exec *exec, const struct pollfd *ready)
{
	for (int i = PUMP_OUT; i < PUMPS; i++)
		if (exec->pumps[i].start < exec->pumps[i].end || (ready[i].revents & POLLIN))
			return false;
	return exec->ended;
}

static void watch(struct exec *exec, struct pollfd *ready)
{
	for (int i = 0; i < PUMPS; i++) {
		const struct pump *pump = &exec->pumps[i];
		bool full = pump->start < pump->end;
		int from = exec->ended && i == PUMP_IN ? -1 : pump->from;
		ready[i] = (struct pollfd){ full ? pump->to.fd : from, full ? POLLOUT : POLLIN, 0 };
	}
	ready[PUMPS] = (struct pollfd){ exec->client.signals, POLLIN, 0 };
	short events = (short)(POLLIN | (frame_idle(&exec->out) ? 0 : POLLOUT));
	ready[PUMPS + 1] = (struct pollfd){ exec->ended ? -1 : exec->sock, events, 0 };
}

static int serve(struct exec *exec)
{
	struct pollfd ready[PUMPS + 2];
	int status = NOT_ENDED;
	bool full = false;

	for (int i = PUMP_OUT; i < PUMPS; i++)
		full |= exec->pumps[i].start < exec->pumps[i].end;
	watch(exec, ready);
	if (poll(ready, PUMPS + 2, exec->ended && !full ? 0 : -1) < 0)
		return errno == EINTR ? NOT_ENDED : exec_fail(exec, "poll", errno);
	if (is_over(exec, ready))
		return exec->status;
	if (ready[PUMPS].revents)
		take_signal(exec);
	for (int i = 0; i < PUMPS && status == NOT_ENDED; i++) {
		struct pump *pump = &exec->pumps[i];
		if (ready[i].revents)
			status = pump->start < pump->end ? pump_empty(exec, pump)
							 : pump_fill(exec, pump);
	}
	if (!frame_idle(&exec->out))
		frame_flush(&exec->out, exec->sock);
	if (status == NOT_ENDED && ready[PUMPS + 1].revents & (POLLIN | POLLHUP | POLLERR))
		status = read_monitor(exec);
	return status;
}

int verb_exec(int argc, char **argv)
{
	/* All zero, so not in the file's data, which every monitor maps. */
	static struct exec exec;

	if (argc < 3)
		return report_failure("exec", EINVAL, "arguments");
	exec.detach_keys = "ctrl-p,ctrl-q";
	exec.master = -1;
	exec.client.explain = argc > 3 ? argv + 3 : NULL;
	for (int i = 0; i < PUMPS; i++)
		exec.pumps[i].from = -1;
	int status = client_open(&exec.client);
	if (status == 0)
		status = exec_read_ops(&exec, argv[2]);
	if (status == 0)
		status = exec_start(&exec, argv[1]);
	while (status == NOT_ENDED)
		status = serve(&exec);
	pty_raw_leave();
	return status;
}
