/* The cgroups that processes of a container have made below theirs. */
#ifndef TSPOD_SUBGROUPS_H
#define TSPOD_SUBGROUPS_H

#include <stdbool.h>

/*
 * Remove all below a cgroup, however deep, and take back what controllers were given to them, so
 * that it may have processes of its own again: cgroups(7), "no internal processes". 0 or -errno.
 */
int subgroups_remove(int cgroup);

/* Whether the path is a cgroup, and its removal with all below. 0 or -errno. */
bool is_cgroup(const char *path);
int cgroup_remove(const char *path);

#endif
