/* Changes of settings while the container runs. */
#ifndef TSPOD_UPDATE_H
#define TSPOD_UPDATE_H

#include "monitor.h"

/*
 * Carry out the request `update`: its name, restart and remove ops replace all of the present ones,
 * or it has none of them; its cgroup-writes are made. Takes the ops over when they hold settings
 * and all are carried out. 0 or -errno; *bad is then the number of the op, and the settings are the
 * old ones, though not what was written before it.
 */
int update_settings(struct monitor *m, struct ops *ops, unsigned *bad);

#endif
