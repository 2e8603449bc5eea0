/*
 * What the two programs at the user's terminal, `attach` and `exec`, have in common: signals, job
 * control, and writing to descriptors that are the user's.
 */
#ifndef TSPOD_CLIENT_H
#define TSPOD_CLIENT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/pty.h"

struct client {
	int signals;     /* signalfd(2) */
	sigset_t before; /* the mask that we were started with */
	bool terminal;   /* standard input is a terminal that has to be raw while we run */
	char **explain;  /* a program that explains a failure; its argv, or NULL */
	struct detach_keys detach;
};

/* What a signal asks of us; CLIENT_OTHER: what it asks of any program. */
enum client_event { CLIENT_NOTHING, CLIENT_OTHER, CLIENT_RESIZE };

/* Take signals over. 0 or -errno. */
int client_open(struct client *client);

/* Put the terminal into raw mode when it has to be. 0 or -errno. */
int client_enter(struct client *client);

/* One signal from the signalfd, job control already done; its number in *sig. */
enum client_event client_signal(struct client *client, int *sig);

/* The user has typed the detach keys: what comes next begins a line, as with Podman. */
void client_detached(void);

/* End as this signal ends those who do not know it, with the terminal given back. */
_Noreturn void client_die(struct client *client, int sig);

/*
 * Give the terminal back and become the program that explains: its arguments, STEP, ERRNO, ARG..
 * When there is none, the report: returns -err.
 */
int client_fail(struct client *client, const char *step, int err, char **args);

/* A descriptor of the user that we write to without ever blocking in it. */
struct outlet {
	int fd;
	bool is_socket;
	bool may_block; /* write(2) only after poll(2), and no more than a pipe takes at once */
};

/*
 * O_NONBLOCK is a property of the open file description, which we share with the user's shell: it
 * is never set there. Pipes and terminals are opened once more, sockets have MSG_DONTWAIT, files do
 * not block; for what cannot be opened again there is poll(2).
 */
void outlet_open(struct outlet *outlet, int fd);

/* The number of bytes, or -errno; -EAGAIN when there is no room. */
ssize_t outlet_write(const struct outlet *outlet, const char *data, size_t len);

#endif
