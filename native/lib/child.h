/* Standing between a child and whoever started us: signals go down, the exit status comes up. */
#ifndef TSPOD_LIB_CHILD_H
#define TSPOD_LIB_CHILD_H

#include <signal.h>
#include <sys/types.h>

/* Block every signal that child_wait() passes on; *before is what the child must have again. */
void child_block_signals(sigset_t *before);

/*
 * Until the child ends: pass signals on to it and reap whoever else has died, as pid 1 must. Its
 * exit status as a shell counts: 128+N for a signal.
 */
int child_wait(pid_t child);

/* The same number from wait(2)'s. */
int child_exit_code(int status);

/* Wait for a child that gets the terminal's signals itself: its status as a shell counts. */
int child_end(pid_t child);

/* SIGKILL to all children of ours; self is our pid as /proc counts. */
void child_kill_all(pid_t self);

#endif
