/*
 * `exec`, in three parts: exec.c is the connection and the loop, exec_start.c the request and the
 * process's streams, exec_pump.c the bytes on their way.
 */
#ifndef TSPOD_EXEC_H
#define TSPOD_EXEC_H

#include "lib/client.h"
#include "lib/frame.h"
#include "lib/ops.h"

#define PUMP_SIZE 32768

/* Bytes on their way from one descriptor to another. from -1: it is over. */
struct pump {
	int from;
	struct outlet to;
	size_t start, end;
	char data[PUMP_SIZE];
};

/* From the terminal, and to it: standard output (or the pty) and standard error. */
enum { PUMP_IN, PUMP_OUT, PUMP_ERR, PUMPS };

struct exec {
	struct client client;
	struct ops ops;
	bool tty, detached, wants_stdin;
	const char *detach_keys;
	const char *id; /* of the session */
	unsigned keep_fds;

	int sock;
	int master;
	struct frame_in in;
	struct frame_out out;
	struct pump pumps[PUMPS];
	bool ended; /* the process is; what it has written may still be on its way */
	int status;
	char last_typed;
};

enum { NOT_ENDED = 256 }; /* no exit status, and no -errno */

/* Every step below gives NOT_ENDED, or what the process ends with. */

int exec_fail(struct exec *exec, const char *step, int err);

/* Read the ops and what they say about the streams. 0, or what the process ends with. */
int exec_read_ops(struct exec *exec, const char *path);

/* Connect and ask, with the descriptors of the process. */
int exec_start(struct exec *exec, const char *rundir);

/* Bytes from the user's terminal or from the process. 0: the detach keys were among them. */
int pump_fill(struct exec *exec, struct pump *pump);

/* Write what a pump holds, as far as it goes. */
int pump_empty(struct exec *exec, struct pump *pump);

#endif
