/* What the monitor does before anything else, while newuidmap(1) runs. */
#ifndef TSPOD_PREPARE_H
#define TSPOD_PREPARE_H

#include "monitor.h"

/*
 * Leave what is the caller's, open directories, log and sockets: all that needs neither the id maps
 * nor the CLI. 0 or -errno, m->step is the op.
 */
int prepare(struct monitor *m);

#endif
