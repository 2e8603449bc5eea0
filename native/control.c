/* Requests on the control socket; control_exec.c has the largest. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cgroup.h"
#include "clients.h"
#include "event.h"
#include "health.h"
#include "root.h"
#include "sessions.h"
#include "stream.h"
#include "update.h"

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

	if (parse_uint16(op->argv[0], &rows) < 0 || parse_uint16(op->argv[1], &columns) < 0)
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

/* Only who may connect gets it, which is the user: clients_listen(). */
static int request_root(struct monitor *m, struct client *client)
{
	autoclose int mount = root_copy(m);
	int err = mount < 0 ? mount :
			      frame_send_fds(client->fd, FRAME_RUNNING, "", 0, &mount, 1);

	if (err == 0)
		client_drop(client);
	return err;
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
	case OP_EXEC_FLAGS: return control_exec(m, client, ops, bad);
	case OP_WAIT: client->state = CLIENT_WAITING; return 0;
	case OP_STOP: return request_stop(m, client, op);
	case OP_HOLD: return request_hold(m, client);
	case OP_ROOT: return request_root(m, client);
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
