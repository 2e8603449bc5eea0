/* Whether init would ever notice a signal. */
#ifndef TSPOD_IGNORED_H
#define TSPOD_IGNORED_H

#include "monitor.h"

/* The kernel would throw the signal away. False when that cannot be seen. */
bool signal_is_ignored(const struct monitor *m, int sig);

#endif
