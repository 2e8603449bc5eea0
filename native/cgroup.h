/*
 * The container's cgroup: `monitor/` and `container/` below the scope or service the CLI put us in.
 */
#ifndef TSPOD_CGROUP_H
#define TSPOD_CGROUP_H

#include "monitor.h"

/*
 * After `go`: make the two, move the monitor, enable controllers, write limits. 0 or -errno,
 * m->step is the op.
 */
int cgroup_prepare(struct monitor *m);

/* Carry a cgroup-write out; -ENOTSUP without a cgroup. */
int cgroup_write(struct monitor *m, const struct op *op);

/*
 * The cgroup below ours that init has put itself into; ours takes no processes once it gives
 * controllers to those below. A descriptor or -errno.
 */
int cgroup_of_init(struct monitor *m);

/* Remove what its processes, who are all gone, have made below it. */
void cgroup_clear(struct monitor *m);

/* How many processes the kernel has killed for lack of memory, so far. */
uint64_t cgroup_oom_kills(struct monitor *m);

/* Freeze or thaw; -ENOTSUP without a cgroup. */
int cgroup_freeze(struct monitor *m, bool frozen);

/* Kill whatever is left in it. */
void cgroup_kill(struct monitor *m);

/*
 * The last of all: where no systemd removes the cgroup that the CLI has made for us, leave it for
 * the one beside it and remove it, with the helpers that end with us.
 */
void cgroup_leave(const struct monitor *m);

#endif
