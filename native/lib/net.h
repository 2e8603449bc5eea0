/* The network namespace we are in. */
#ifndef TSPOD_NET_H
#define TSPOD_NET_H

/* Bring `lo` up; its addresses come with it. 0 or -errno. */
int loopback_up(void);

#endif
