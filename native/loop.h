/* What the monitor waits for: every part names its descriptors anew before each poll(2). */
#ifndef TSPOD_LOOP_H
#define TSPOD_LOOP_H

#include "monitor.h"

typedef void ready_fn(struct monitor *m, unsigned index);

/*
 * Call ready(m, index) when fd has one of these events, or an error. What the call finds may have
 * been changed by one before it in the same round: it must bear being called for nothing.
 */
void loop_watch(int fd, short events, ready_fn *ready, unsigned index);

/* Milliseconds from now to the first of these moments, of which 0 is none; -1: there is none. */
int loop_timeout(int64_t now, const int64_t *moments, size_t many);

/* One round: wait up to timeout_ms (-1: forever) and call. */
void loop_run_once(struct monitor *m, int timeout_ms);

#endif
