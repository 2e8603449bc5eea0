/* The clone of a process that is going to be inside. */
#ifndef TSPOD_CLONE_H
#define TSPOD_CLONE_H

#include "start.h"

/*
 * Clone into the container's cgroup, or, where that takes no processes, into the one below that init
 * is in. Until its execve the child's memory and /proc/PID/exe are the monitor's, and it may be seen
 * from inside: so it is born not dumpable, which only a capability in the host's user namespace
 * could override (ptrace(2), access mode checks). As clone3(2), or -errno.
 */
int clone_inside(struct monitor *m, const struct launch *l, uint64_t flags, int *pidfd);

/* The child of the next clone goes into that pid namespace: setns(2). 0 or -errno. */
int enter_pidns(struct monitor *m, int fd);
/*
 * The next one is in the monitor's own again, so that what a restart makes is not below a dead one.
 * Where init's was joined the monitor's may be the host's, to which nobody has a way back: there
 * each clone has to enter one first, as both do.
 */
void leave_pidns(struct monitor *m);

#endif
