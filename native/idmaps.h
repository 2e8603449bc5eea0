/* The id maps of the monitor's user namespace, written from outside. */
#ifndef TSPOD_IDMAPS_H
#define TSPOD_IDMAPS_H

#include "monitor.h"

/*
 * By newuidmap(1) and newgidmap(1), or directly where no helper is named. 0 or -errno, m->step is
 * the op.
 */
int write_id_maps(struct monitor *m, pid_t pid);

#endif
