/* The network namespace we are in. */
#ifndef TSPOD_NET_H
#define TSPOD_NET_H

/* Bring `lo` up; its addresses come with it. 0 or -errno. */
int loopback_up(void);

/*
 * Interfaces to come use their IPv6 addresses without a second of looking for others that have
 * them: at the other end of a tap(4) is nobody. Harmless where there is no IPv6.
 */
void ipv6_at_once(void);

/*
 * Ports below 1024 need no capability: one of a user namespace nested below ours counts for nothing
 * in a network that ours owns, so its root could not open port 80. ip-sysctl.rst,
 * ip_unprivileged_port_start.
 */
void low_ports_to_all(void);

#endif
