#include "settings.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "lib/util.h"

#define KEEP_FDS_MAX 1024

/* The index of text among names, or -EINVAL. */
static int choose(const char *text, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	return -EINVAL;
}

#define CHOOSE(text, ...) \
	choose(text, (const char *const[]){ __VA_ARGS__ }, \
	       ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

static int parse_yes(const char *text, bool *value)
{
	int chosen = CHOOSE(text, "no", "yes");

	*value = chosen == 1;
	return chosen < 0 ? chosen : 0;
}

static int parse_tty(struct settings *set, const struct op *op)
{
	int err = parse_yes(op->argv[0], &set->tty);

	if (err == 0 && op->argc == 3 &&
	    (parse_uint16(op->argv[1], &set->rows) < 0 ||
	     parse_uint16(op->argv[2], &set->columns) < 0))
		err = -EINVAL;
	return err;
}

static int parse_map(const struct op *op)
{
	uint64_t number;

	for (unsigned i = 0; i < 3; i++)
		if (parse_number(op->argv[i], 10, UINT32_MAX, &number) < 0)
			return -EINVAL;
	return 0;
}

static int parse_nested(struct settings *set, const struct op *op)
{
	uint64_t outside;
	int err = parse_map(op);

	set->nested = true;
	if (err < 0 || strcmp(op->argv[0], "0") != 0)
		return err;
	err = parse_number(op->argv[1], 10, UINT32_MAX, &outside);
	if (op->kind == OP_INIT_UIDMAP)
		set->nested_uid = (uid_t)outside;
	else
		set->nested_gid = (gid_t)outside;
	return err;
}

static int parse_ns(struct settings *set, int kind, unsigned argc, char **argv)
{
	int mode = CHOOSE(argv[0], "host", "new", "path");

	if (kind < 0 || mode < 0 || (mode == NS_PATH) != (argc == 2))
		return -EINVAL;
	set->ns[kind].mode = (enum ns_mode)mode;
	set->ns[kind].path = argc == 2 ? argv[1] : NULL;
	return 0;
}

static int parse_log(struct settings *set, const struct op *op)
{
	char **argv = op->argv;
	int driver = CHOOSE(argv[0], "none", "k8s-file", "json-file", "journald", "passthrough",
			    "passthrough-tty");
	uint64_t size = 0;

	if (driver < 0)
		return driver;
	set->passthrough = driver > LOG_JOURNALD;
	set->log.driver = set->passthrough || !*argv[1] ? LOG_NONE : (enum log_driver)driver;
	set->log.path = argv[1];
	set->log.max_size = -1;
	set->log.tag = argv[3];
	int err = parse_number(argv[4], 10, UINT32_MAX, &set->log.max_files);
	if (err < 0 || strcmp(argv[2], "-1") == 0)
		return err;
	err = parse_number(argv[2], 10, INT64_MAX, &size);
	set->log.max_size = (int64_t)size;
	return err;
}

static int parse_restart(struct settings *set, char **argv)
{
	int policy = CHOOSE(argv[0], "no", "always", "unless-stopped", "on-failure");

	set->restart = policy < 0 ? RESTART_NO : (enum restart_policy)policy;
	return policy < 0 ? policy : parse_number(argv[1], 10, UINT32_MAX, &set->restart_max);
}

static int parse_notify_mode(struct settings *set, const char *text)
{
	int mode = CHOOSE(text, "ignore", "conmon", "container");

	set->notify_mode = mode < 0 ? NOTIFY_IGNORE : (enum notify_mode)mode;
	return mode < 0 ? mode : 0;
}

static int parse_cgroup(struct settings *set, const struct op *op)
{
	int mode = CHOOSE(op->argv[0], "none", "scope");

	set->cgroup = mode == 1 ? op : NULL;
	return mode < 0 ? mode : 0;
}

static int parse_numeric(struct settings *set, const struct op *op)
{
	uint64_t number;
	int err = parse_number(op->argv[0], 10, INT_MAX, &number);

	if (err < 0)
		return err;
	switch (op->kind) {
	case OP_USERNS_JOIN:
		set->userns_join = (pid_t)number;
		return number > 0 ? 0 : -EINVAL;
	case OP_STOP_SIGNAL:
		set->stop_signal = (int)number;
		return number > 0 && number < (uint64_t)_NSIG ? 0 : -EINVAL;
	case OP_STOP_TIMEOUT:
		set->stop_timeout_ms = (int64_t)number * 1000;
		return 0;
	case OP_LIFETIME:
		set->lifetime_ms = (int64_t)number * 1000;
		return 0;
	default:
		set->keep_fds = (unsigned)number;
		return number <= KEEP_FDS_MAX ? 0 : -EINVAL;
	}
}

/* 0, 1 when the op is no setting, or -errno. */
static int parse_one(struct settings *set, const struct op *op)
{
	char **argv = op->argv;

	switch (op->kind) {
	case OP_ID: set->id = argv[0]; return 0;
	case OP_NAME: set->name = argv[0]; return 0;
	case OP_IMAGE: set->image = argv[0]; return 0;
	case OP_STATE_DIR: set->state_dir = argv[0]; return 0;
	case OP_RUN_DIR: set->run_dir = argv[0]; return 0;
	case OP_NEWUIDMAP: set->newuidmap = argv[0]; return 0;
	case OP_NEWGIDMAP: set->newgidmap = argv[0]; return 0;
	case OP_NOTIFY_SOCKET: set->notify_socket = argv[0]; return 0;
	case OP_EVENTS:
		set->events = argv[0];
		set->attributes = op->argc > 1 ? argv[1] : "null";
		return 0;
	case OP_HEALTH:
	case OP_HEALTH_STARTUP: return health_parse(&set->health, op);
	case OP_HEALTH_LOG: return health_parse_log(&set->health, op);
	case OP_REMOVE: set->remove = op; return 0;
	case OP_CGROUP_WRITE:
	case OP_CGROUP_OWNER: return 0; /* cgroup.c walks over these itself. */
	case OP_INIT_UIDMAP:
	case OP_INIT_GIDMAP: return parse_nested(set, op);
	case OP_UIDMAP:
	case OP_GIDMAP: return parse_map(op);
	case OP_NETNS: return parse_ns(set, NS_NET, op->argc, argv);
	case OP_NS:
		return parse_ns(set, CHOOSE(argv[0], "pid", "ipc", "uts", "cgroup"), op->argc - 1,
				argv + 1);
	case OP_LOG: return parse_log(set, op);
	case OP_TTY: return parse_tty(set, op);
	case OP_STDIN: return parse_yes(argv[0], &set->stdin_open);
	case OP_ATTACH:
		set->attach_expected = op->argc == 1 && strcmp(argv[0], "expected") == 0;
		return 0;
	case OP_RESTART: return parse_restart(set, argv);
	case OP_NOTIFY_MODE: return parse_notify_mode(set, argv[0]);
	case OP_CGROUP: return parse_cgroup(set, op);
	case OP_USERNS_JOIN:
	case OP_STOP_SIGNAL:
	case OP_STOP_TIMEOUT:
	case OP_LIFETIME:
	case OP_KEEP_FDS: return parse_numeric(set, op);
	default: return 1;
	}
}

int settings_set(struct settings *set, const struct op *op)
{
	int err = parse_one(set, op);

	return err > 0 ? -ENOSYS : err;
}

int settings_parse(struct settings *set, const struct ops *ops, unsigned *bad)
{
	*set = (struct settings){
		.id = "", .name = "", .image = "",
		.ns = { [NS_PID].mode = NS_NEW, [NS_IPC].mode = NS_NEW, [NS_UTS].mode = NS_NEW,
			[NS_CGROUP].mode = NS_NEW, [NS_NET].mode = NS_NEW },
		.log = { .max_size = -1, .fd = -1 },
		.stop_signal = SIGTERM,
		.stop_timeout_ms = 10000,
	};
	unsigned i;
	for (i = 0; i < ops->count; i++) {
		int err = parse_one(set, &ops->list[i]);
		*bad = i;
		if (err < 0)
			return err;
		if (err > 0)
			break;
	}
	set->stage2 = i;
	set->log.id = set->id;
	set->log.name = set->name;
	*bad = 0;
	return set->state_dir && set->run_dir ? 0 : -EINVAL;
}
