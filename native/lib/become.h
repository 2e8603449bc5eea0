/* Changes of who we are, in a user namespace that we have just entered. */
#ifndef TSPOD_BECOME_H
#define TSPOD_BECOME_H

#include <stdbool.h>

/*
 * Become its root; without the caller's supplementary groups where they are to go. 0 or -errno,
 * reported.
 */
int become_root(bool drop_groups);

#endif
