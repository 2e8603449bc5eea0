/*
 * `attach`, in three parts: attach.c is the loop and what signals ask for, attach_start.c the
 * options and the request, attach_streams.c the bytes in both directions.
 */
#ifndef TSPOD_ATTACH_H
#define TSPOD_ATTACH_H

#include "lib/client.h"
#include "lib/frame.h"

struct attach {
	struct client client;
	const char *rundir;
	const char *detach_keys;
	bool tty, wants_stdin, no_stdout, no_stderr, proxy;

	int sock;
	struct frame_in in;
	struct frame_out out;
	struct outlet user[2]; /* standard output and error */
	struct frame waiting;  /* what is being written to one of them; len 0: nothing */
	bool running, stdin_open;
	bool more;             /* more frames may be here already: no poll(2) would tell */
};

enum { NOT_ENDED = 256 }; /* no exit status, and no -errno */

/* Every step below gives NOT_ENDED, or what the process ends with. */

int attach_fail(struct attach *attach, const char *step, int err);

/* 0, or what the process ends with. */
int attach_parse_options(struct attach *attach, char **arg);

/* Connect, say what we want, and queue the size of the terminal before anything else. */
int attach_start(struct attach *attach);

/* Where the output that waits has to go. */
const struct outlet *attach_outlet(const struct attach *attach);

/* Write what waits, as far as it goes. */
int attach_write_user(struct attach *attach);

/*
 * Take one frame, and write it unless it has to wait for the user. No more than one: into a file,
 * which never says EAGAIN, this takes its time, and signals come between.
 */
int attach_read_monitor(struct attach *attach);

/* Standard input into one frame. 0 is the end of what is typed: detached. */
int attach_read_user(struct attach *attach);

#endif
