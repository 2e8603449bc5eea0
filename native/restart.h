/* The restart policy, and what it brings about. */
#ifndef TSPOD_RESTART_H
#define TSPOD_RESTART_H

#include "monitor.h"

/* Whether init, which has just ended, shall begin again. */
bool restart_wanted(const struct monitor *m);

/* How long to wait before that, in milliseconds; counts the quick deaths. */
int64_t restart_delay(struct monitor *m);

/* After the end of init and its last output: wait for that long. */
void restart_later(struct monitor *m);

/* The next run of init; one that cannot be begun has ended. */
void restart_now(struct monitor *m);

#endif
