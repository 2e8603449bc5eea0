/* The monitor's children. */
#ifndef TSPOD_CHILD_H
#define TSPOD_CHILD_H

#include "monitor.h"

void child_watch(struct monitor *m);

/* SIGCHLD: see who has ended. */
void child_reap(struct monitor *m);

/* After the death of init: whatever it has left behind is gone too, or is being killed. */
bool child_none_left(struct monitor *m);

#endif
