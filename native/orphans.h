/* What a monitor leaves that was killed, and is not pid 1 of what runs below it. */
#ifndef TSPOD_ORPHANS_H
#define TSPOD_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

#include "settings.h"

/*
 * Whether neither a pid namespace nor a cgroup holds together what will run. In another container's
 * pid namespace what is left comes to pid 1 there: pid_namespaces(7).
 */
bool orphans_possible(const struct settings *set);

/*
 * Before the monitor is cloned: what it leaves comes to us. It is the nearest subreaper itself as
 * long as it lives: prctl(2), PR_SET_CHILD_SUBREAPER.
 */
void orphans_adopt(void);

/* Outlive the monitor, then end what it has left, and all that those leave in turn. */
void orphans_end(pid_t monitor);

#endif
