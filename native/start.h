/*
 * Starting processes inside: what a child of the monitor needs is laid out before the clone, and it
 * reports over a socket of its own until its execve(2) closes that.
 */
#ifndef TSPOD_START_H
#define TSPOD_START_H

#include <stdint.h>

#include "monitor.h"

enum status_kind {
	STATUS_FAILED,  /* an op failed */
	STATUS_TTY,     /* the master of the pty comes along as a descriptor */
	STATUS_UNMAPPED /* a nested user namespace waits for its maps; a byte goes back */
};

struct status_message {
	uint32_t kind;
	uint32_t op;
	int32_t err;   /* errno */
};

struct launch {
	const struct ops *ops;
	const struct settings *set;
	unsigned step;      /* number of the op that is carried out */
	unsigned *bad;      /* the same for what comes before the clone */
	int join_pidfd;     /* whose namespaces to enter; -1 for init */
	int join_flags;
	int stdio[3];       /* descriptors for 0 to 2; all -1 with a pty */
	bool own_stdio;     /* these are pipes of ours: the process' user may open them again */
	bool tty;
	unsigned short rows, columns;
	bool orphan_dies;   /* no pid namespace of ours takes it along: PR_SET_PDEATHSIG */
	bool guarded;       /* one of ours stays above the process: process.c */
	bool nested;
	/* nested: detached copies of what `bind` ops mount, by number of the op; else NULL */
	int *sources;
	unsigned keep_fds;
	int *kept;          /* where they are now */
	int status;
	int seccomp;        /* the filter, opened on the host; -1: none */
	char **env;         /* room for every env op, HOME and a NULL */
	char **argv;        /* room for the reaper's words, the exec op and a NULL */
};

/* The flag of clone(2) and setns(2) for each kind of namespace. */
extern const uint64_t ns_flags[NS_KINDS];

/* Start init: m->init is filled, m->phase is PHASE_STARTING. 0 or -errno. */
int start_init(struct monitor *m);

/* What one more process is to be; its descriptors come from the client. */
struct exec_request {
	struct ops ops;
	bool tty, detach, guarded;
	const char *id;        /* of the session, for `inspect`; NULL: nobody asks */
	unsigned short rows, columns;
	int fds[3 + 61];       /* stdio (not with a pty), then the kept ones; -1 is none */
	unsigned keep_fds;
	unsigned bad;          /* number of the op, when it fails */
};

/*
 * Start it in init's namespaces. Its pid, or -errno; *status is its socket, *host_pid its pid as
 * the host counts.
 */
pid_t start_exec(struct monitor *m, struct exec_request *request, int *status, pid_t *host_pid);

/* In the child: carry out the ops and execve(2). init.c */
void init_main(struct launch *l) __attribute__((noreturn));

#endif
