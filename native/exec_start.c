/* The beginning of `exec`: its ops, and which descriptors its process gets. */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/util.h"

#define CONNECT_MS 10000
#define FDS_MAX 64

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
	else if (strncmp(flag, "id=", 3) == 0)
		exec->id = value + 1;
	else if (strncmp(flag, "detach-keys=", 12) == 0)
		exec->detach_keys = value + 1;
}

int exec_read_ops(struct exec *exec, const char *path)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t len;
	unsigned bad;

	if (fd < 0)
		return exec_fail(exec, "open", errno);
	unlink(path); /* It was for us alone. */
	int err = read_to_end(fd, REQUEST_MAX, &text, &len);
	if (err == 0)
		err = ops_decode(&exec->ops, text, len, &bad);
	if (err == 0 && (exec->ops.count == 0 || exec->ops.list[0].kind != OP_EXEC_FLAGS))
		err = -EBADMSG;
	if (err < 0)
		return exec_fail(exec, "ops", -err);
	for (unsigned i = 0; i < exec->ops.list[0].argc; i++)
		take_flag(exec, exec->ops.list[0].argv[i]);
	for (unsigned i = 0; i < exec->ops.count; i++)
		if (exec->ops.list[i].kind == OP_KEEP_FDS)
			exec->keep_fds = (unsigned)atoi(exec->ops.list[i].argv[0]);
	if (exec->keep_fds > FDS_MAX - 3)
		return exec_fail(exec, "keep-fds", EMFILE);
	if (detach_keys_parse(&exec->client.detach, exec->detach_keys) < 0)
		return exec_fail(exec, "detach-keys", EINVAL);
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

/*
 * A terminal, of which the process is to know nothing, or a file: who has that, and is root inside,
 * could open it again, to read what is there or to write, and make it setuid to us.
 */
static bool is_pumped(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
		return false;
	return !S_ISCHR(st.st_mode) || isatty(fd);
}

static bool is_same(int a, int b)
{
	struct stat one, other;

	if (fstat(a, &one) < 0 || fstat(b, &other) < 0)
		return false;
	if (S_ISCHR(one.st_mode) && S_ISCHR(other.st_mode))
		return one.st_rdev == other.st_rdev;
	return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* The descriptors 0-2 of a process without a terminal of its own. fds: what the monitor gets. */
static int lay_out_streams(struct exec *exec, int fds[3])
{
	bool pumped[3];
	int err = 0;

	for (int fd = 0; fd < 3; fd++)
		pumped[fd] = !exec->detached && is_pumped(fd);
	if (!exec->wants_stdin || exec->detached)
		fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else if (pumped[0])
		err = pump_stream(exec, PUMP_IN, &fds[0]);
	if (err == 0 && pumped[1])
		err = pump_stream(exec, PUMP_OUT, &fds[1]);
	/* One pipe for one terminal or file: lines of output and error stay in order. */
	if (err == 0 && pumped[2] && pumped[1] && is_same(1, 2))
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

int exec_start(struct exec *exec, const char *rundir)
{
	autofree char *request = NULL;
	size_t len;
	int fds[FDS_MAX] = { 0, 1, 2 };
	unsigned count = 0;

	exec->sock = control_connect(rundir, CONNECT_MS);
	if (exec->sock < 0)
		return exec_fail(exec, "connect", -exec->sock);
	int err = encode_ops(exec, &request, &len);
	if (err == 0 && !exec->tty) {
		err = lay_out_streams(exec, fds);
		count = 3;
	}
	for (unsigned i = 0; i < exec->keep_fds; i++)
		fds[count++] = 3 + (int)i;
	if (err < 0)
		return exec_fail(exec, "pipe2", -err);
	err = control_request(exec->sock, request, len, fds, count);
	if (err < 0)
		return exec_fail(exec, "connect", -err);
	if (!exec->tty)
		close_theirs(fds);
	exec->client.terminal = exec->tty && exec->wants_stdin && isatty(STDIN_FILENO);
	return NOT_ENDED;
}
