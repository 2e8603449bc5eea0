/*
 * The oom_score_adj that an op asks for is inherited at the clone. A process that sets its own has
 * to be dumpable meanwhile, or its /proc files are root's, and could be looked into from inside the
 * container: proc(5).
 */
#ifndef TSPOD_OOM_H
#define TSPOD_OOM_H

#include "lib/ops.h"

#define OOM_SCORE_SIZE 16

/*
 * Take the score on for the next clone; *bad is the op when it fails. `before` is our own, "" when
 * no op asks for another. 0 or -errno.
 */
int oom_score_take(const struct ops *ops, unsigned *bad, char before[OOM_SCORE_SIZE]);

void oom_score_restore(const char *before);

#endif
