/*
 * The request for one more process in the container: what it may ask for, and the descriptors that
 * come with it.
 */
#include <errno.h>
#include <string.h>

#include "clients.h"
#include "sessions.h"

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
			err = parse_uint16(value + 1, &request->rows);
		else if (err == 0 && strncmp(flag, "cols=", 5) == 0)
			err = parse_uint16(value + 1, &request->columns);
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

int control_exec(struct monitor *m, struct client *client, struct ops *ops, unsigned *bad)
{
	static struct exec_request request;

	request = (struct exec_request){ .ops = *ops };
	for (size_t i = 0; i < ARRAY_SIZE(request.fds); i++)
		request.fds[i] = -1;
	return begin_exec(m, client, &request, bad);
}
