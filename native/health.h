/* Health checks: when the commands run, and what follows from their results. */
#ifndef TSPOD_HEALTH_H
#define TSPOD_HEALTH_H

#include "monitor.h"

/* Init runs: the health is unknown anew. */
void health_begin(struct monitor *m);

/* What time has brought; when something is due again (now_ms()), 0: nothing is. */
int64_t health_turn(struct monitor *m, int64_t now);

void health_watch(void);

/* A child has ended; whether it was a check. */
bool health_ended(struct monitor *m, pid_t pid, int code);

/*
 * Run the check now; clients in CLIENT_HEALTH are told how it ends. 0, or -ENOENT without a check.
 */
int health_request(struct monitor *m);

/* Other settings than before, while the container runs: the time to the next check begins anew. */
void health_change(struct monitor *m, const struct health_settings *before);

/* While the container is frozen a check would be, too. */
void health_pause(bool paused);

#endif
