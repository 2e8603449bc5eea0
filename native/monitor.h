/*
 * The monitor: one per container, first process of its own namespaces, alive as long as the
 * container.
 */
#ifndef TSPOD_MONITOR_H
#define TSPOD_MONITOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "lib/identity.h"
#include "lib/ops.h"
#include "lib/util.h"
#include "settings.h"

/* Descriptors that the CLI gives to `run`. */
#define FD_CLI 3
#define FD_OPS 4
#define FD_KEPT 5

/* When the pages that starting something needed are given back; a short run is over by then. */
#define TRIM_MS 500

/* How long a stop waits for attached clients and the log to take the last output. */
#define STUCK_MS 1000

enum phase {
	PHASE_PREPARING,  /* the maps, the root and `go` are still awaited */
	PHASE_STARTING,   /* init carries out its ops */
	PHASE_RUNNING,
	PHASE_DRAINING,   /* init is dead, its last output is on the way */
	PHASE_WAITING,    /* until the restart */
	PHASE_OVER,
};

/* One run of init; a restart begins a new one. */
struct init {
	pid_t pid;             /* as the monitor's pid namespace counts */
	pid_t host_pid;
	uint64_t start_time;
	int pidfd;
	int status;            /* socket to it until its execve: start.h */
	struct timespec started;
	int64_t started_ms;
	int exit_code;         /* as a shell counts */
	int exit_signal;
	bool oom_killed;
};

struct monitor {
	struct ops ops;
	struct settings set;
	int exit_status;
	/* number of the op that is being carried out: what a failure names */
	unsigned step;
	enum phase phase;

	pid_t pid;             /* as the host counts */
	uint64_t start_time;
	char boot_id[BOOT_ID_SIZE];

	int cli;               /* until `running` is said; when all is over: it is told of a failure */
	int mapped;            /* the launcher's word that the maps are written */
	/* with `attach expected`: the process that is to become the client */
	int cli_pidfd;
	int state_dir, run_dir;
	int lock;
	int listener;
	int signals;
	int notify;            /* unconnected datagram socket of the host's network namespace */
	int notify_inside;     /* where a notify-mode container's process reports */
	bool is_ready;         /* .. and has reported so */
	int own_pidns;
	int *kept;             /* --preserve-fds, for every run of init */

	int cgroup;            /* `container/`, or -1 */
	char cgroup_path[512]; /* as /proc/self/cgroup counts, "" without */
	uint64_t oom_kills;    /* memory.events before this run of init */

	bool is_mapped, may_go, root_mounted;
	struct init init;
	unsigned restarts;
	unsigned quick_deaths; /* in a row: the exponent of the backoff */
	int64_t restart_at;    /* now_ms() */
	bool stopping;         /* asked for by the user or by SIGTERM: no restart */
	bool stopped_by_user;  /* or sent a signal that means its end: no restart by policy */
	bool stop_asked;       /* by a user, not by a signal: an event when init ends */
	bool ends_at_once;     /* a stop has come before the first `running` .. */
	int64_t end_ms;        /* .. and this is its timeout */
	bool restart_asked;    /* by the health check: start again, whatever the policy */
	bool restart_recorded; /* exit.json says that we start again */
	int64_t kill_at;       /* deadline of a stop, 0 without */
	int64_t trim_at;       /* when start-up pages go back, 0: not */
	bool await_client;     /* hold output and exit until somebody attached: `attach expected` */
};

/* The whole life; the process' exit status. Runs in the process that run.c cloned. */
int monitor_main(struct monitor *m);

/* Begin a stop: the stop signal now, SIGKILL after timeout_ms. */
void monitor_stop(struct monitor *m, int64_t timeout_ms, bool by_user);

/*
 * The stop signal to init, and SIGKILL after timeout_ms (-1: never); alone that, for 0 or when init
 * ignores the other.
 */
void monitor_ask_to_end(struct monitor *m, int64_t timeout_ms);

/* Signal init; one that means its end also ends the restart policy. 0 or -errno. */
int monitor_signal(struct monitor *m, int sig);

#endif
