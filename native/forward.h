/* Published ports: what the parts of the forwarder share. */
#ifndef TSPOD_FORWARD_H
#define TSPOD_FORWARD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* What an epoll event leads to. The first member of everything that waits for one. */
struct source {
	void (*ready)(struct source *source, uint32_t events);
};

/* One published port: a socket of the host's, and where in the container it leads. */
struct listener {
	struct source source;
	int fd;
	bool udp;
	struct sockaddr_in target;
	struct listener *next; /* forward_accept.c: the next of those that wait */
};

/* The one epoll(7) instance, level-triggered. */
extern int forward_epoll;

/* Wait for these events on a descriptor; 0 events: only for errors. Repeat it to change them. */
int forward_watch(int fd, struct source *source, uint32_t events);

/* Sources whose events may still lie in the present round are freed after it. */
void forward_bury(void *memory);

#define FORWARD_WORDS 5 /* of each port */

/*
 * Open a socket for each of the ports, `PROTOCOL HOST-ADDRESS HOST-PORT PORT strict|lenient`, that
 * leads to the address target. 0 or -errno, reported with the port's number in the list.
 */
int forward_listen(int count, char **words, const char *target);

/* A connection waits at a TCP listener; datagrams wait at a UDP one. */
void tcp_accept(struct source *source, uint32_t events);
void udp_receive(struct source *source, uint32_t events);

/*
 * Pass on what comes in at one of two sockets at the other, which is about to be connected. False:
 * there is no memory, and they are still the caller's.
 */
bool tcp_join(int client, int server);

/* Close a socket; an abort is passed on as one. */
void tcp_close(int fd, bool abort);

/* Accept again where there was no descriptor or memory left. */
void tcp_resume(void);

/* Whether somebody waits for that: the whole host may have had none left, and nobody tells when. */
bool tcp_is_starved(void);

/*
 * End what has been idle. How long to wait until the next call, in milliseconds; -1: there is
 * nothing.
 */
int udp_expire(void);

#endif
