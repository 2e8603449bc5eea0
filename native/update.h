/* Changes of settings while the container runs. */
#ifndef TSPOD_UPDATE_H
#define TSPOD_UPDATE_H

#include "monitor.h"

/*
 * Carry out the request `update`: its name, restart and remove ops replace the present ones, its cgroup-writes
 * are made. Takes the ops over when all of them are carried out. 0 or -errno; *bad is then the number of the op,
 * and the settings are the old ones, though not what was written before it.
 */
int update_settings(struct monitor *m, struct ops *ops, unsigned *bad);

#endif
