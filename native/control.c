/* Requests on the control socket. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cgroup.h"
#include "clients.h"
#include "event.h"
#include "health.h"
#include "sessions.h"
#include "stream.h"
#include "update.h"

/* Only what an exec'd process may ask for; mounts and namespaces are init's. */
static bool is_for_exec(enum op_kind kind)
{
	switch (kind) {
	case OP_EXEC_FLAGS:
	case OP_KEEP_FDS:
	case OP_CAPS:
	case OP_NO_NEW_PRIVS:
	case OP_PERSONALITY:
	case OP_OOM_SCORE_ADJ:
	case OP_SECCOMP:
	case OP_RLIMIT:
	case OP_UMASK:
	case OP_USER:
	case OP_CWD:
	case OP_ENV:
	case OP_EXEC: return true;
	default: return false;
	}
}

static bool answer_is_yes(const char *value)
{
	return strcmp(value, "yes") == 0;
}

static int parse_size(const char *value, unsigned short *size)
{
	uint64_t number;
	int err = parse_number(value, 10, USHRT_MAX, &number);

	*size = (unsigned short)number;
	return err;
}

static int parse_id(const char *value, const char **id)
{
	*id = value;
	bool is_id = strlen(value) == SESSION_ID && strspn(value, "0123456789abcdef") == SESSION_ID;
	return is_id ? 0 : -EINVAL;
}

static int parse_exec_flags(struct exec_request *request, const struct op *op)
{
	for (unsigned i = 0; i < op->argc; i++) {
		const char *flag = op->argv[i], *value = strchr(flag, '=');
		int err = value ? 0 : -EINVAL;

		if (err == 0 && strncmp(flag, "tty=", 4) == 0)
			request->tty = answer_is_yes(value + 1);
		else if (err == 0 && strncmp(flag, "detach=", 7) == 0)
			request->detach = answer_is_yes(value + 1);
		else if (err == 0 && strncmp(flag, "id=", 3) == 0)
			err = parse_id(value + 1, &request->id);
		else if (err == 0 && strncmp(flag, "rows=", 5) == 0)
			err = parse_size(value + 1, &request->rows);
		else if (err == 0 && strncmp(flag, "cols=", 5) == 0)
			err = parse_size(value + 1, &request->columns);
		if (err < 0)
			return err;
	}
	return 0;
}

/* The descriptors in the order of contract: 0-2 unless there is a pty, then the kept ones. */
static int take_descriptors(struct exec_request *request, struct client *client)
{
	unsigned at = request->tty ? 3 : 0;
	uint64_t keep = 0;

	for (unsigned i = 0; i < request->ops.count; i++)
		if (request->ops.list[i].kind == OP_KEEP_FDS &&
		    parse_number(request->ops.list[i].argv[0], 10, ARRAY_SIZE(request->fds) - 3,
				 &keep) < 0)
			return -EINVAL;
	request->keep_fds = (unsigned)keep;
	for (size_t i = 0; i < ARRAY_SIZE(request->fds); i++)
		request->fds[i] = -1;
	if (client->in.nfds != 3 - at + keep)
		return -EBADF;
	for (size_t i = 0; i < client->in.nfds; i++)
		request->fds[at + i] = take_fd(&client->in.fds[i]);
	return 0;
}

static int begin_exec(struct monitor *m, struct client *client, struct exec_request *request,
		      unsigned *bad)
{
	for (*bad = 0; *bad < request->ops.count; ++*bad)
		if (!is_for_exec(request->ops.list[*bad].kind))
			return -ENOSYS;
	*bad = 0;
	int err = parse_exec_flags(request, &request->ops.list[0]);
	if (err == 0)
		err = take_descriptors(request, client);
	if (err == 0)
		err = session_begin(m, client, request);
	*bad = request->bad;
	for (size_t i = 0; i < ARRAY_SIZE(request->fds); i++)
		drop_fd(&request->fds[i]);
	return err;
}

static int request_exec(struct monitor *m, struct client *client, struct ops *ops, unsigned *bad)
{
	static struct exec_request request;

	request = (struct exec_request){ .ops = *ops };
	for (size_t i = 0; i < ARRAY_SIZE(request.fds); i++)
		request.fds[i] = -1;
	return begin_exec(m, client, &request, bad);
}

static void request_attach(struct monitor *m, struct client *client, const struct op *op)
{
	for (unsigned i = 0; i < op->argc; i++) {
		client->has_stdin |= strcmp(op->argv[i], "stdin") == 0;
		client->wants_stdout |= strcmp(op->argv[i], "stdout") == 0;
		client->wants_stderr |= strcmp(op->argv[i], "stderr") == 0;
	}
	client->state = CLIENT_ATTACHED;
	client->founder = m->await_client;
	m->await_client = false;
	drop_fd(&m->cli_pidfd);
	client_reply(client, FRAME_RUNNING, "%d", m->init.host_pid);
	event_record(m, "attach");
}

static int request_stop(struct monitor *m, struct client *client, const struct op *op)
{
	uint64_t seconds = 0;
	bool forever = strcmp(op->argv[0], "-1") == 0;

	if (!forever && parse_number(op->argv[0], 10, INT_MAX, &seconds) < 0)
		return -EINVAL;
	client->state = CLIENT_WAITING;
	monitor_stop(m, forever ? -1 : (int64_t)seconds * 1000, true);
	return 0;
}

static int request_resize(const struct op *op)
{
	unsigned short rows, columns;

	if (parse_size(op->argv[0], &rows) < 0 || parse_size(op->argv[1], &columns) < 0)
		return -EINVAL;
	return stream_resize(rows, columns);
}

static int request_signal(struct monitor *m, const struct op *op)
{
	uint64_t sig;

	return parse_number(op->argv[0], 10, 64, &sig) < 0 ? -EINVAL : monitor_signal(m, (int)sig);
}

static int request_freeze(struct monitor *m, bool frozen)
{
	int err = cgroup_freeze(m, frozen);

	if (err < 0)
		return err;
	health_pause(frozen);
	event_record(m, frozen ? "pause" : "unpause");
	return 0;
}

/* Who has the container paused until it hangs up, however it ends. */
static struct {
	struct monitor *monitor;
	const struct client *client;
} holder;

static int request_hold(struct monitor *m, struct client *client)
{
	int err = holder.client ? -EBUSY : request_freeze(m, true);

	if (err < 0)
		return err;
	holder.monitor = m;
	holder.client = client;
	client->state = CLIENT_HOLDING;
	client_reply(client, FRAME_RUNNING, "%d", m->init.host_pid);
	return 0;
}

void control_release(const struct client *client)
{
	if (holder.client != client)
		return; /* Somebody has unpaused it meanwhile. */
	holder.client = NULL;
	request_freeze(holder.monitor, false);
}

static int request_unpause(struct monitor *m)
{
	holder.client = NULL;
	return request_freeze(m, false);
}

/* Requests that are done at once; the client leaves with the answer. */
static int act(struct monitor *m, struct ops *ops, unsigned *bad)
{
	const struct op *op = ops->list;

	switch (op->kind) {
	case OP_SIGNAL: return request_signal(m, op);
	case OP_RESIZE: return request_resize(op);
	case OP_PAUSE: return request_freeze(m, true);
	case OP_UNPAUSE: return request_unpause(m);
	case OP_UPDATE: return update_settings(m, ops, bad);
	case OP_STATUS: return 0;
	default: return -ENOSYS;
	}
}

static int dispatch(struct monitor *m, struct client *client, struct ops *ops, unsigned *bad)
{
	const struct op *op = ops->list;

	if (ops->count == 0)
		return -EBADMSG;
	switch (op->kind) {
	case OP_ATTACH: request_attach(m, client, op); return 0;
	case OP_EXEC_FLAGS: return request_exec(m, client, ops, bad);
	case OP_WAIT: client->state = CLIENT_WAITING; return 0;
	case OP_STOP: return request_stop(m, client, op);
	case OP_HOLD: return request_hold(m, client);
	case OP_HEALTH_RUN: client->state = CLIENT_HEALTH; return health_request(m);
	default: break;
	}
	int err = act(m, ops, bad);
	if (err == 0) {
		client->state = CLIENT_LEAVING;
		client_reply(client, FRAME_RUNNING, "%d", m->init.host_pid);
	}
	return err;
}

void control_request_done(struct monitor *m, struct client *client, const char *text, size_t len)
{
	struct ops ops = { 0 };
	unsigned bad = 0;
	char *copy = malloc(len + 1);
	int err = -ENOMEM;

	if (copy) {
		memcpy(copy, text, len);
		copy[len] = '\0';
		err = ops_decode(&ops, copy, len, &bad);
	}
	if (err == 0)
		err = dispatch(m, client, &ops, &bad);
	if (err < 0 && client->fd >= 0) {
		client->state = CLIENT_LEAVING;
		client_reply(client, FRAME_FAILED, "%u %d", bad, -err);
	}
	ops_free(&ops);
}
