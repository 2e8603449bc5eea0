/* What a process may do: capabilities, seccomp, resource limits. 0 or -errno. */
#ifndef TSPOD_SECURITY_H
#define TSPOD_SECURITY_H

#include "lib/ops.h"

/*
 * Drop everything from the bounding set that the caps op does not name; before the change of ids.
 */
int drop_bounding(const struct op *caps);

/* Set the four other sets; after the change of ids, which must keep capabilities. */
int set_capabilities(const struct op *caps);

/* Install the filter in this file: struct sock_filter[]. */
int install_seccomp(int fd);

/* Every rlimit op. */
int set_rlimits(const struct ops *ops);

#endif
