/* The cgroups that processes of a container have made below theirs. */
#ifndef TSPOD_SUBGROUPS_H
#define TSPOD_SUBGROUPS_H

#include <stdbool.h>

/*
 * Remove all below a cgroup, however deep, and take back what controllers were given to them, so
 * that it may have processes of its own again: cgroups(7), "no internal processes". 0 or -errno.
 */
int subgroups_remove(int cgroup);

bool is_cgroup(const char *path);

/* Remove a cgroup with all below and all processes in there. 0 or -errno. */
int cgroup_remove_at(int parent, const char *name);

#endif
