/* The first filling of volumes, by a child: it may take long, and the monitor is there for others. */
#ifndef TSPOD_FILL_H
#define TSPOD_FILL_H

#include "monitor.h"

/* Somebody else fills one just now; our child does, whose end fill_ended() tells. */
enum { FILL_LOCKED = 1, FILL_RUNS };

/* Go on filling empty volumes from the root. 0 when all is done, one of these, or -errno. */
int fill_volumes(struct monitor *m);

/* A child has ended; whether it was ours. */
bool fill_ended(pid_t pid, int code);

/* Kill the child and wait for its end: the next start does its work anew. */
void fill_stop(void);

#endif
