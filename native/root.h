/* Stage 2: the root file system, mounted at run-dir/rootfs in the monitor's mount namespace. */
#ifndef TSPOD_ROOT_H
#define TSPOD_ROOT_H

#include "monitor.h"

/* Mount it unless that is done. 0 or -errno, m->step is the op. */
int root_mount(struct monitor *m);

/*
 * A copy of its mount, which belongs to no mount namespace yet and has nothing mounted in it: a
 * descriptor or -errno.
 */
int root_copy(const struct monitor *m);

/* Take it off, so that its directories can be removed. */
void root_unmount(struct monitor *m);

/* Take it off, so that it can be mounted again. Nobody may be in it any more. */
void root_give_back(struct monitor *m);

#endif
