/* The restart policy. */
#ifndef TSPOD_RESTART_H
#define TSPOD_RESTART_H

#include "monitor.h"

/* Whether init, which has just ended, shall begin again. */
bool restart_wanted(const struct monitor *m);

/* How long to wait before that, in milliseconds; counts the quick deaths. */
int64_t restart_delay(struct monitor *m);

#endif
