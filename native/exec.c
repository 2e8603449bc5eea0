/*
 * `exec RUNDIR OPSFILE [EXPLAIN-ARGV..]`: one more process in a running container. The monitor
 * gets the ops and the process's standard streams: the user's own descriptors as they are, or,
 * where they are a terminal, pipes that we pump (Podman's processes see no terminal without --tty
 * either). With --tty the monitor makes a pty in the container and we get its master.
 *
 * Ends with the exit code of the process, or with 0 when the detach keys were typed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>

#include "lib/client.h"
#include "lib/frame.h"
#include "lib/ops.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

#define CONNECT_MS 10000
#define PUMP_SIZE 32768
#define FDS_MAX 64

/* Bytes on their way from one descriptor to another. from -1: it is over. */
struct pump {
	int from;
	struct outlet to;
	size_t start, end;
	char data[PUMP_SIZE];
};

/* From the terminal, and to it: standard output (or the pty) and standard error. */
enum { PUMP_IN, PUMP_OUT, PUMP_ERR, PUMPS };

struct exec {
	struct client client;
	struct ops ops;
	bool tty, detached, wants_stdin;
	const char *detach_keys;
	unsigned keep_fds;

	int sock;
	int master;
	struct frame_in in;
	struct frame_out out;
	struct pump pumps[PUMPS];
	bool ended; /* the process is; what it has written may still be on its way */
	int status;
	char last_typed;
};

enum { NOT_ENDED = 256 }; /* no exit status, and no -errno */

static int fail(struct exec *exec, const char *step, int err)
{
	return client_fail(&exec->client, step, err, NULL);
}

static void take_flag(struct exec *exec, const char *flag)
{
	const char *value = strchr(flag, '=');
	bool yes = value && strcmp(value, "=yes") == 0;

	if (strncmp(flag, "tty=", 4) == 0)
		exec->tty = yes;
	else if (strncmp(flag, "detach=", 7) == 0)
		exec->detached = yes;
	else if (strncmp(flag, "stdin=", 6) == 0)
		exec->wants_stdin = yes;
	else if (strncmp(flag, "detach-keys=", 12) == 0)
		exec->detach_keys = value + 1;
}

static int read_ops(struct exec *exec, const char *path)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t len;
	unsigned bad;

	if (fd < 0)
		return fail(exec, "open", errno);
	unlink(path); /* It was for us alone. */
	int err = read_to_end(fd, REQUEST_MAX, &text, &len);
	if (err == 0)
		err = ops_decode(&exec->ops, text, len, &bad);
	if (err == 0 && (exec->ops.count == 0 || exec->ops.list[0].kind != OP_EXEC_FLAGS))
		err = -EBADMSG;
	if (err < 0)
		return fail(exec, "ops", -err);
	for (unsigned i = 0; i < exec->ops.list[0].argc; i++)
		take_flag(exec, exec->ops.list[0].argv[i]);
	for (unsigned i = 0; i < exec->ops.count; i++)
		if (exec->ops.list[i].kind == OP_KEEP_FDS)
			exec->keep_fds = (unsigned)atoi(exec->ops.list[i].argv[0]);
	if (exec->keep_fds > FDS_MAX - 3)
		return fail(exec, "keep-fds", EMFILE);
	if (detach_keys_parse(&exec->client.detach, exec->detach_keys) < 0)
		return fail(exec, "detach-keys", EINVAL);
	return 0;
}

/* The ops as they were, with the size of the terminal in the first: their numbers stay. */
static int encode_ops(const struct exec *exec, char **text, size_t *len)
{
	struct winsize size;
	bool sized = exec->tty && pty_size_of_user(&size) == 0;
	FILE *out = open_memstream(text, len);

	if (!out)
		return -ENOMEM;
	for (unsigned i = 0; i < exec->ops.count; i++) {
		const struct op *op = &exec->ops.list[i];
		bool first = i == 0 && sized;
		fprintf(out, "%s%c%u%c", op_name(op->kind), 0, op->argc + (first ? 2 : 0), 0);
		for (unsigned j = 0; j < op->argc; j++)
			fprintf(out, "%s%c", op->argv[j], 0);
		if (first)
			fprintf(out, "rows=%u%ccols=%u%c", size.ws_row, 0, size.ws_col, 0);
	}
	return fclose(out) == 0 ? 0 : -ENOMEM;
}

/* The process's end of one more stream, in *theirs; ours is pumped from or to the terminal. */
static int pump_stream(struct exec *exec, int which, int *theirs)
{
	struct pump *pump = &exec->pumps[which];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	bool in = which == PUMP_IN;
	*theirs = ends[in ? 0 : 1];
	if (in) {
		pump->from = STDIN_FILENO;
		pump->to = (struct outlet){ .fd = ends[1] };
	} else {
		pump->from = ends[0];
		outlet_open(&pump->to, which == PUMP_OUT ? STDOUT_FILENO : STDERR_FILENO);
	}
	/* Both are ours alone. */
	return fcntl(ends[in ? 1 : 0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static bool same_terminal(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_rdev == other.st_rdev;
}

/* The descriptors 0-2 of a process without a terminal of its own. fds: what the monitor gets. */
static int lay_out_streams(struct exec *exec, int fds[3])
{
	bool pumped[3];
	int err = 0;

	for (int fd = 0; fd < 3; fd++)
		pumped[fd] = !exec->detached && isatty(fd);
	if (!exec->wants_stdin || exec->detached)
		fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else if (pumped[0])
		err = pump_stream(exec, PUMP_IN, &fds[0]);
	if (err == 0 && pumped[1])
		err = pump_stream(exec, PUMP_OUT, &fds[1]);
	/* One pipe for one terminal: lines of output and error stay in order. */
	if (err == 0 && pumped[2] && pumped[1] && same_terminal(1, 2))
		fds[2] = fds[1];
	else if (err == 0 && pumped[2])
		err = pump_stream(exec, PUMP_ERR, &fds[2]);
	if (exec->detached)
		fds[1] = fds[2] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return err;
}

static void close_theirs(const int *fds)
{
	for (int i = 0; i < 3; i++)
		if (fds[i] > 2 && (i < 2 || fds[2] != fds[1]))
			close(fds[i]);
}

static int start(struct exec *exec, const char *rundir)
{
	autofree char *request = NULL;
	size_t len;
	int fds[FDS_MAX] = { 0, 1, 2 };
	unsigned count = 0;

	exec->sock = control_connect(rundir, CONNECT_MS);
	if (exec->sock < 0)
		return fail(exec, "connect", -exec->sock);
	int err = encode_ops(exec, &request, &len);
	if (err == 0 && !exec->tty) {
		err = lay_out_streams(exec, fds);
		count = 3;
	}
	for (unsigned i = 0; i < exec->keep_fds; i++)
		fds[count++] = 3 + (int)i;
	if (err < 0)
		return fail(exec, "pipe2", -err);
	err = control_request(exec->sock, request, len, fds, count);
	if (err < 0)
		return fail(exec, "connect", -err);
	if (!exec->tty)
		close_theirs(fds);
	exec->client.terminal = exec->tty && exec->wants_stdin && isatty(STDIN_FILENO);
	return NOT_ENDED;
}

/* The process runs; with --tty its pty came along. */
static int take_running(struct exec *exec)
{
	if (exec->detached)
		return 0;
	if (!exec->tty)
		return NOT_ENDED;
	if (exec->in.nfds == 0)
		return fail(exec, "pty", EBADMSG);
	exec->master = exec->in.fds[0];
	exec->in.fds[0] = -1;
	if (fcntl(exec->master, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return fail(exec, "pty", errno);
	exec->pumps[PUMP_OUT].from = exec->master;
	outlet_open(&exec->pumps[PUMP_OUT].to, STDOUT_FILENO);
	if (exec->wants_stdin) {
		exec->pumps[PUMP_IN].from = STDIN_FILENO;
		exec->pumps[PUMP_IN].to = (struct outlet){ .fd = exec->master };
	}
	if (client_enter(&exec->client) < 0)
		return fail(exec, "terminal", errno);
	return NOT_ENDED;
}

/* OPNUMBER ERRNO: the explanation gets the op's name and arguments. */
static int take_failure(struct exec *exec, const char *text)
{
	const char *space = strchr(text, ' ');
	unsigned number = (unsigned)atoi(text);
	int err = space ? atoi(space) : EPROTO;

	if (number >= exec->ops.count)
		return fail(exec, "exec", err);
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
				return fail(exec, "monitor", got == 0 ? ECONNRESET : -got);
			continue;
		}
		if (got < 0)
			return fail(exec, "monitor", -got);
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
		char marks[2] = { (char)now.c_cc[VEOF], (char)now.c_cc[VEOF] };
		outlet_write(&pump->to, marks, exec->last_typed == '\n' ? 1 : 2);
	}
}

/* Bytes from the user's terminal or from the process. 0: the detach keys were among them. */
static int fill_pump(struct exec *exec, struct pump *pump)
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
		return 0;
	}
	if (!raw) {
		memcpy(pump->data, typed, (size_t)n);
		pump->end = (size_t)n;
	}
	return NOT_ENDED;
}

static int empty_pump(struct exec *exec, struct pump *pump)
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
	return fail(exec, "write", (int)-n);
}

static void take_signal(struct exec *exec)
{
	struct winsize size;
	char text[16];
	int sig;

	switch (client_signal(&exec->client, &sig)) {
	case CLIENT_RESIZE:
		if (exec->master >= 0 && pty_size_of_user(&size) == 0)
			ioctl(exec->master, TIOCSWINSZ, &size);
		break;
	case CLIENT_PASS:
		snprintf(text, sizeof(text), "%d", sig);
		frame_put(&exec->out, FRAME_SIGNAL, text, strlen(text));
		break;
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
		return errno == EINTR ? NOT_ENDED : fail(exec, "poll", errno);
	if (is_over(exec, ready))
		return exec->status;
	if (ready[PUMPS].revents)
		take_signal(exec);
	for (int i = 0; i < PUMPS && status == NOT_ENDED; i++) {
		struct pump *pump = &exec->pumps[i];
		if (ready[i].revents)
			status = pump->start < pump->end ? empty_pump(exec, pump)
							 : fill_pump(exec, pump);
	}
	if (!frame_idle(&exec->out))
		frame_flush(&exec->out, exec->sock);
	if (status == NOT_ENDED && ready[PUMPS + 1].revents & (POLLIN | POLLHUP | POLLERR))
		status = read_monitor(exec);
	return status;
}

int verb_exec(int argc, char **argv)
{
	static struct exec exec = { .detach_keys = "ctrl-p,ctrl-q", .master = -1 };

	if (argc < 3)
		return report_failure("exec", EINVAL, "arguments");
	exec.client.explain = argc > 3 ? argv + 3 : NULL;
	for (int i = 0; i < PUMPS; i++)
		exec.pumps[i].from = -1;
	int status = client_open(&exec.client);
	if (status == 0)
		status = read_ops(&exec, argv[2]);
	if (status == 0)
		status = start(&exec, argv[1]);
	while (status == NOT_ENDED)
		status = serve(&exec);
	pty_raw_leave();
	return status;
}
