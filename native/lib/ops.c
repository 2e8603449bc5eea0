#include "lib/ops.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

#define MANY UINT_MAX

static const struct {
	const char *name;
	unsigned min, max;
} defs[OP_KINDS] = {
	[OP_ID] = { "id", 1, 1 },
	[OP_NAME] = { "name", 1, 1 },
	[OP_IMAGE] = { "image", 1, 1 },
	[OP_STATE_DIR] = { "state-dir", 1, 1 },
	[OP_RUN_DIR] = { "run-dir", 1, 1 },
	[OP_UIDMAP] = { "uidmap", 3, 3 },
	[OP_GIDMAP] = { "gidmap", 3, 3 },
	[OP_NEWUIDMAP] = { "newuidmap", 1, 1 },
	[OP_NEWGIDMAP] = { "newgidmap", 1, 1 },
	[OP_USERNS_JOIN] = { "userns-join", 1, 1 },
	[OP_INIT_UIDMAP] = { "init-uidmap", 3, 3 },
	[OP_INIT_GIDMAP] = { "init-gidmap", 3, 3 },
	[OP_NETNS] = { "netns", 1, 2 },
	[OP_NS] = { "ns", 2, 3 },
	[OP_LOG] = { "log", 5, 5 },
	[OP_TTY] = { "tty", 1, 3 },
	[OP_STDIN] = { "stdin", 1, 1 },
	[OP_ATTACH] = { "attach", 0, 8 },
	[OP_STOP_SIGNAL] = { "stop-signal", 1, 1 },
	[OP_STOP_TIMEOUT] = { "stop-timeout", 1, 1 },
	[OP_LIFETIME] = { "lifetime", 1, 1 },
	[OP_RESTART] = { "restart", 2, 2 },
	[OP_REMOVE] = { "remove", 0, MANY },
	[OP_HEALTH] = { "health", 6, MANY },
	[OP_HEALTH_STARTUP] = { "health-startup", 5, MANY },
	[OP_HEALTH_LOG] = { "health-log", 2, 3 },
	[OP_NOTIFY_SOCKET] = { "notify-socket", 1, 1 },
	[OP_NOTIFY_MODE] = { "notify-mode", 1, 1 },
	[OP_EVENTS] = { "events", 1, 2 },
	[OP_CGROUP] = { "cgroup", 1, MANY },
	[OP_CGROUP_WRITE] = { "cgroup-write", 2, 4 },
	[OP_CGROUP_OWNER] = { "cgroup-owner", 2, 2 },
	[OP_KEEP_FDS] = { "keep-fds", 1, 1 },
	[OP_ROOT_OVERLAY] = { "root-overlay", 3, MANY },
	[OP_ROOT_BIND] = { "root-bind", 1, 1 },
	[OP_ROOT_MOUNTED] = { "root-mounted", 0, 0 },
	[OP_COPYUP] = { "copyup", 4, 4 },
	[OP_ROOT_PROPAGATION] = { "root-propagation", 1, 1 },
	[OP_BIND] = { "bind", 4, 4 },
	[OP_PROGRAM] = { "program", 4, 4 },
	[OP_BIND_FROM] = { "bind-from", 3, 3 },
	[OP_MOUNT] = { "mount", 5, 5 },
	[OP_OVERLAY] = { "overlay", 5, MANY },
	[OP_PART] = { "part", 2, 2 },
	[OP_TMPCOPYUP] = { "tmpcopyup", 3, 3 },
	[OP_DEV] = { "dev", 1, 1 },
	[OP_DEVICE] = { "device", 2, 2 },
	[OP_SYMLINK] = { "symlink", 2, 2 },
	[OP_MKDIR] = { "mkdir", 2, 2 },
	[OP_FILE] = { "file", 3, 3 },
	[OP_PASSWD] = { "passwd", 1, 1 },
	[OP_GROUP] = { "group", 1, 1 },
	[OP_MASK] = { "mask", 1, 1 },
	[OP_READONLY] = { "readonly", 1, 1 },
	[OP_RO_ROOT] = { "ro-root", 0, 0 },
	[OP_PIVOT] = { "pivot", 0, 0 },
	[OP_HOSTNAME] = { "hostname", 1, 1 },
	[OP_SYSCTL] = { "sysctl", 2, 2 },
	[OP_RLIMIT] = { "rlimit", 3, 3 },
	[OP_OOM_SCORE_ADJ] = { "oom-score-adj", 1, 1 },
	[OP_CAPS] = { "caps", 5, 5 },
	[OP_NO_NEW_PRIVS] = { "no-new-privs", 0, 0 },
	[OP_PERSONALITY] = { "personality", 1, 1 },
	[OP_SECCOMP] = { "seccomp", 1, 1 },
	[OP_UMASK] = { "umask", 1, 1 },
	[OP_USER] = { "user", 1, MANY },
	[OP_CWD] = { "cwd", 2, 2 },
	[OP_ENV] = { "env", 1, 1 },
	[OP_REAPER] = { "reaper", 1, 1 },
	[OP_EXEC] = { "exec", 1, MANY },
	[OP_EXEC_FLAGS] = { "exec-flags", 0, 8 },
	[OP_SIGNAL] = { "signal", 1, 1 },
	[OP_STOP] = { "stop", 1, 1 },
	[OP_WAIT] = { "wait", 0, 0 },
	[OP_RESIZE] = { "resize", 2, 2 },
	[OP_PAUSE] = { "pause", 0, 0 },
	[OP_UNPAUSE] = { "unpause", 0, 0 },
	[OP_HOLD] = { "hold", 0, 0 },
	[OP_ROOT] = { "root", 0, 0 },
	[OP_UPDATE] = { "update", 0, 0 },
	[OP_STATUS] = { "status", 0, 0 },
	[OP_HEALTH_RUN] = { "health-run", 0, 0 },
};

const char *op_name(enum op_kind kind)
{
	return defs[kind].name;
}

/* The next NUL-terminated field, or NULL at the end. */
static char *field(char **p, const char *end)
{
	char *start = *p;

	if (start >= end)
		return NULL;
	*p = start + strlen(start) + 1;
	return start;
}

static int decode_one(struct op *op, char **p, const char *end, char **strings)
{
	const char *name = field(p, end), *count = field(p, end);
	uint64_t argc;

	if (!name || !count || parse_number(count, 10, (uint64_t)(end - *p), &argc) < 0)
		return -EBADMSG;
	for (unsigned i = 0; i < argc; i++) {
		strings[i] = field(p, end);
		if (!strings[i])
			return -EBADMSG;
	}
	strings[argc] = NULL;
	op->argc = (unsigned)argc;
	op->argv = strings;
	for (unsigned kind = 0; kind < OP_KINDS; kind++) {
		if (!defs[kind].name || strcmp(defs[kind].name, name) != 0)
			continue;
		op->kind = kind;
		return argc >= defs[kind].min && argc <= defs[kind].max ? 0 : -EINVAL;
	}
	return -ENOSYS;
}

int ops_decode(struct ops *ops, char *text, size_t len, unsigned *bad)
{
	size_t fields = 0;

	*ops = (struct ops){ .text = text };
	*bad = 0;
	if (len > 0 && text[len - 1] != '\0')
		return -EBADMSG;
	for (const char *p = text; p < text + len; p += strlen(p) + 1)
		fields++;
	/*
	 * A record has two fields and its arguments; its strings end with a NULL: never more than
	 * fields.
	 */
	ops->list = calloc(fields / 2 + 1, sizeof(*ops->list));
	ops->strings = calloc(fields + 1, sizeof(*ops->strings));
	if (!ops->list || !ops->strings)
		return -ENOMEM;

	char *p = text, **strings = ops->strings;
	while (p < text + len) {
		struct op *op = &ops->list[ops->count];
		*bad = ops->count;
		int err = decode_one(op, &p, text + len, strings);
		if (err < 0)
			return err;
		strings += op->argc + 1;
		ops->count++;
	}
	return 0;
}

void ops_free(struct ops *ops)
{
	free(ops->list);
	free(ops->strings);
	free(ops->text);
	*ops = (struct ops){ 0 };
}

unsigned ops_find(const struct ops *ops, enum op_kind kind)
{
	unsigned i = 0;

	while (i < ops->count && ops->list[i].kind != kind)
		i++;
	return i < ops->count ? i : 0;
}

unsigned ops_find_text(const struct ops *ops, const char *text)
{
	for (unsigned i = 0; i < ops->count; i++)
		for (unsigned arg = 0; arg < ops->list[i].argc; arg++)
			if (ops->list[i].argv[arg] == text)
				return i;
	return 0;
}
