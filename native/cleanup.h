/* The end of a --rm container: its directories and names. */
#ifndef TSPOD_CLEANUP_H
#define TSPOD_CLEANUP_H

#include "monitor.h"

/* Remove what the `remove` op names, if there is one. 0, or the first -errno; what can go goes. */
int cleanup(struct monitor *m);

#endif
