/* Stage 1 of the ops: what kind of container the monitor keeps. */
#ifndef TSPOD_SETTINGS_H
#define TSPOD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "health_settings.h"
#include "lib/log.h"
#include "lib/ops.h"

enum ns_kind { NS_PID, NS_IPC, NS_UTS, NS_CGROUP, NS_NET, NS_KINDS };
enum ns_mode { NS_HOST, NS_NEW, NS_PATH };
enum restart_policy { RESTART_NO, RESTART_ALWAYS, RESTART_UNLESS_STOPPED, RESTART_ON_FAILURE };
enum notify_mode { NOTIFY_IGNORE, NOTIFY_CONMON, NOTIFY_CONTAINER };

struct settings {
	const char *id, *name, *image;
	const char *state_dir, *run_dir;
	const char *newuidmap, *newgidmap; /* NULL: the map is written directly */
	pid_t userns_join;                 /* 0: a user namespace of our own */
	bool nested;                       /* init has a user namespace below ours */
	uid_t nested_uid;                  /* its root, as we count */
	gid_t nested_gid;
	/* NS_NET new: the monitor's; path: joined by the launcher, or by init with userns_join */
	struct {
		enum ns_mode mode;
		const char *path;
	} ns[NS_KINDS];
	struct log log;
	bool passthrough;                  /* init has the descriptors 0-2 of `run` */
	bool tty, stdin_open, attach_expected;
	unsigned short rows, columns;      /* of the pty; 0: unknown */
	int stop_signal;
	int64_t stop_timeout_ms;
	int64_t lifetime_ms;               /* 0: for ever */
	enum restart_policy restart;
	uint64_t restart_max;              /* 0: no limit */
	const struct op *remove;           /* --rm; NULL: keep */
	struct health_settings health;
	const char *notify_socket;
	enum notify_mode notify_mode;
	/* NULL: no events are written; JSON that every event has */
	const char *events, *attributes;
	const struct op *cgroup;           /* NULL: no cgroup of its own */
	unsigned keep_fds;
	unsigned stage2;                   /* number of the first op that is no setting */
};

/* 0 or -errno; *bad is then the number of the op. Strings point into the ops. */
int settings_parse(struct settings *set, const struct ops *ops, unsigned *bad);

/* Replace one setting. 0 or -errno. The op must live as long as the settings. */
int settings_set(struct settings *set, const struct op *op);

#endif
