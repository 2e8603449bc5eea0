/*
 * What is laid out before a clone: the child allocates nothing, and may have no right to open it.
 */
#ifndef TSPOD_START_LAYOUT_H
#define TSPOD_START_LAYOUT_H

#include "start.h"

/*
 * Room for the strings that the child puts together itself: l->env, to be freed, and l->argv. 0 or
 * -errno.
 */
int lay_out(struct launch *l);

/*
 * For a nested user namespace: what `bind` ops of init mount, as l->sources; m->step is the op that
 * fails. 0 or -errno.
 */
int open_sources(struct monitor *m, struct launch *l);

/* Also after a failure, and when there are none. */
void close_sources(struct launch *l);

/* The seccomp filter, if an op names one; *step is that op when it fails. 0 or -errno. */
int open_filter(const struct ops *ops, unsigned *step, int *fd);

#endif
