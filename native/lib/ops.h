/*
 * Ops: the flat list of steps that TypeScript compiles (src/plan/lower.ts) and the native program
 * carries out. A record is `NAME NUL COUNT NUL ARG1 NUL .. ARGn NUL`; an op's number is its index.
 * A failure is reported as that number and an errno. What each op means stands beside it here.
 */
#ifndef TSPOD_OPS_H
#define TSPOD_OPS_H

#include <stdbool.h>
#include <stddef.h>

enum op_kind {
	/* Stage 1, settings of the monitor: any order, before all others. */
	OP_ID,                /* ID */
	OP_NAME,              /* NAME */
	OP_IMAGE,             /* NAME: for events */
	OP_STATE_DIR,         /* PATH */
	OP_RUN_DIR,           /* PATH: holds the socket `attach` and the mount point `rootfs` */
	OP_UIDMAP,            /* INSIDE OUTSIDE SIZE, of the monitor's user namespace */
	OP_GIDMAP,
	OP_NEWUIDMAP,         /* PATH; absent: one id, written directly, setgroups denied */
	OP_NEWGIDMAP,
	OP_USERNS_JOIN,       /* PID, instead of a map */
	/* INSIDE OUTSIDE SIZE: one more user namespace, for init; OUTSIDE as the monitor counts */
	OP_INIT_UIDMAP,
	OP_INIT_GIDMAP,
	OP_NETNS,             /* new | host | path PATH */
	OP_NS,                /* pid|ipc|uts|cgroup new|host|path [PATH] */
	/* DRIVER PATH MAXSIZE TAG MAXFILES: log.h, or none|passthrough|passthrough-tty */
	OP_LOG,
	OP_TTY,               /* yes|no [ROWS COLS] */
	OP_STDIN,             /* yes|no */
	/* expected|none; as a request: FLAG.. of stdin stdout stderr */
	OP_ATTACH,
	OP_STOP_SIGNAL,       /* N */
	OP_STOP_TIMEOUT,      /* SECONDS */
	OP_LIFETIME,          /* SECONDS after which init is killed */
	OP_RESTART,           /* no|always|unless-stopped|on-failure MAX (0: no limit) */
	OP_REMOVE,            /* STATE RUN NAME CIDFILE VOLUME..: --rm, after the exit */
	/* INTERVAL TIMEOUT STARTPERIOD (in ms) RETRIES none|kill|restart|stop ARG.. */
	OP_HEALTH,
	OP_HEALTH_STARTUP,    /* INTERVAL TIMEOUT RETRIES SUCCESSES ARG..: until it has passed */
	/* COUNT SIZE [events|DIR]: results that are kept, bytes of output of each, where else they go */
	OP_HEALTH_LOG,
	OP_NOTIFY_SOCKET,     /* PATH, or @NAME */
	OP_NOTIFY_MODE,       /* conmon|container|ignore */
	OP_EVENTS,            /* PATH [ATTRIBUTES]: JSON that every event of the container has */
	OP_CGROUP,            /* none | scope CONTROLLER.. */
	OP_CGROUP_WRITE,      /* FILE VALUE [FILE VALUE: where the kernel has no such file] */
	OP_CGROUP_OWNER,      /* UID GID of our user namespace: delegate it to them */
	/* N: descriptors 5.. of `run` become 3.. of init; so for exec, after 0-2 */
	OP_KEEP_FDS,

	/* Stage 2, by the monitor in its own mount namespace. */
	OP_ROOT_OVERLAY,      /* UPPER WORK LOWER..: top first; volatile with `remove` */
	OP_ROOT_BIND,         /* SRC */
	OP_ROOT_MOUNTED,      /* something is mounted at run-dir/rootfs already */
	/* PATH DEST HOME all|content: fill an empty DEST from PATH in the root, noted in HOME */
	OP_COPYUP,

	/* Stage 3, by init in its namespaces; targets inside the root, made when missing. */
	OP_ROOT_PROPAGATION,  /* FLAGS */
	OP_BIND,              /* SRC TARGET FLAGS PROPAGATION (0: leave) */
	OP_PROGRAM,           /* the same for SRC that is ours: a copy of it, if need be */
	OP_BIND_FROM,         /* PID SRC TARGET: a mount of another mount namespace */
	OP_MOUNT,             /* TYPE SRC TARGET FLAGS DATA */
	/* TARGET FLAGS UPPER WORK LOWER..: top first; without an upper nothing can be written */
	OP_OVERLAY,
	OP_PART,              /* TARGET PATH: of the mount there only this directory of it */
	OP_TMPCOPYUP,         /* TARGET FLAGS DATA */
	OP_DEV,               /* NAME: /dev/NAME of the host at the same place */
	OP_DEVICE,            /* HOST TARGET */
	OP_SYMLINK,           /* TEXT LINK */
	OP_MKDIR,             /* PATH MODE */
	OP_FILE,              /* PATH MODE CONTENT */
	/* LINE for /etc/passwd, unless that knows the uid; before `ro-root` */
	OP_PASSWD,
	OP_GROUP,             /* LINE for /etc/group, unless that knows the gid */
	OP_MASK,              /* PATH; absent: skipped */
	OP_READONLY,          /* PATH; absent: skipped */
	OP_RO_ROOT,
	OP_PIVOT,             /* with `tty yes` the pty is made first and bound at /dev/console */
	OP_HOSTNAME,          /* NAME */
	OP_SYSCTL,            /* KEY VALUE, KEY with slashes; before `pivot` */
	/* NUMBER SOFT HARD (-1: unlimited) | NUMBER most LIMIT: the hard one, LIMIT at most */
	OP_RLIMIT,
	OP_OOM_SCORE_ADJ,     /* N */
	OP_CAPS,              /* BOUNDING EFFECTIVE PERMITTED INHERITABLE AMBIENT, hexadecimal */
	OP_NO_NEW_PRIVS,
	OP_PERSONALITY,       /* N: personality(2) */
	OP_SECCOMP,           /* PATH of struct sock_filter[]; before `pivot` */
	OP_UMASK,             /* OCTAL */
	OP_USER,              /* SPEC GROUP.. (keep-groups: the caller's) */
	OP_CWD,               /* PATH MAKE(0|1) */
	OP_ENV,               /* NAME=VALUE */
	OP_REAPER,            /* PATH */
	OP_EXEC,              /* ARG..: the last op */

	/* Requests on the control socket: the first op of a request. */
	/* tty= detach= stdin= yes|no, rows= cols= N, detach-keys=; then stage-3 ops */
	OP_EXEC_FLAGS,
	OP_SIGNAL,            /* N */
	OP_STOP,              /* SECONDS */
	OP_WAIT,
	OP_RESIZE,            /* ROWS COLS */
	OP_PAUSE,
	OP_UNPAUSE,
	OP_HOLD,              /* paused until the client hangs up */
	OP_ROOT,              /* a copy of the root file system's mount comes with the answer */
	/* then all of name, restart, remove, health.. that the container has, and cgroup-write */
	OP_UPDATE,
	OP_STATUS,
	OP_HEALTH_RUN,        /* run the health check now */
	OP_KINDS,
};

struct op {
	enum op_kind kind;
	unsigned argc;
	char **argv; /* argc strings and a NULL */
};

struct ops {
	struct op *list;
	unsigned count;
	char **strings; /* what the argv above point into */
	char *text;
};

/*
 * Decode len bytes of records (text[len] is NUL); the ops take the malloc'd text over, also when
 * they are bad. 0 or -errno: -EBADMSG for a malformed record, -ENOSYS for an unknown name, -EINVAL
 * for a wrong number of arguments; *bad is then the number of the op.
 */
int ops_decode(struct ops *ops, char *text, size_t len, unsigned *bad);
void ops_free(struct ops *ops);

/*
 * The number of the first op of this kind, 0 without: for the blame of a step that has no op of its
 * own.
 */
unsigned ops_find(const struct ops *ops, enum op_kind kind);

/* Number of the op that this very argument, not an equal one, belongs to; 0 without. */
unsigned ops_find_text(const struct ops *ops, const char *text);

/* The name that the op has on the wire. */
const char *op_name(enum op_kind kind);

#endif
