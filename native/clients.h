/* Connections on the control socket: requests, attached clients, and who waits for an end. */
#ifndef TSPOD_CLIENTS_H
#define TSPOD_CLIENTS_H

#include "lib/frame.h"
#include "monitor.h"

/* As many as there may be sessions, and room for who wants to stop the container. */
#define CLIENTS_MAX 192

enum client_state {
	CLIENT_FREE,
	CLIENT_ASKING,    /* its request is still coming */
	CLIENT_ATTACHED,
	CLIENT_WAITING,   /* for the end of the container */
	CLIENT_EXEC,      /* for the end of its process */
	CLIENT_HEALTH,    /* for the end of a health check */
	CLIENT_HOLDING,   /* the container is paused as long as it is there */
	CLIENT_LEAVING,   /* as soon as what is queued has gone */
};

struct client {
	enum client_state state;
	int fd;
	bool wants_stdout, wants_stderr, has_stdin;
	bool founder;          /* the container was started for it, and waits for it however long */
	bool overtaken;        /* it took nothing for too long, and the container went on */
	int64_t waits_since;   /* when it last took a part of what is queued; 0: nothing is */
	struct frame_in in;
	struct frame_out out;
	const char *stalled;   /* standard input that init has no room for: in `in`, or a VEOF */
	size_t stalled_len;
	unsigned session;      /* of an exec */
};

/* Make run-dir/attach. 0 or -errno. */
int clients_listen(struct monitor *m);
void clients_watch(struct monitor *m);

/* When connections will be accepted again for which there was no descriptor; 0: now. */
int64_t clients_listen_again(int64_t now);

/* A chunk of init's output for every attached client; only while clients_idle(). */
void clients_output(char stream, const char *data, size_t len);
bool clients_idle(void);

/* Some client's standard input waits for room; go on with it. */
bool clients_stalled(void);
void clients_resume(struct monitor *m);

/* Frame `x` to those who are attached (they leave), or also to those who wait for the end. */
void clients_tell_exit(int code, bool also_waiting);

/*
 * Let go whom the container will not wait for any longer; when the next of them will be, 0 without.
 */
int64_t clients_overtake(int64_t now);

/* Drop attached clients that do not take their output. */
void clients_drop_attached(void);

/* Nothing is queued any more. */
bool clients_gone(void);

/* control.c: act on a request; the client's state afterwards says what it waits for. */
void control_request_done(struct monitor *m, struct client *client, const char *text, size_t len);

/* control_exec.c: one more process; *bad is the number of the op that failed. 0 or -errno. */
int control_exec(struct monitor *m, struct client *client, struct ops *ops, unsigned *bad);

/* control.c: the client is gone; a container that it held goes on. */
void control_release(const struct client *client);

/* For control.c, sessions.c and audience.c. */
void client_reply(struct client *client, char type, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void client_drop(struct client *client);
void client_flush(struct client *client);
/* Hand input to init; what it has no room for is `stalled`. */
void client_take_input(struct client *client, const char *data, size_t len);
/* Act on what has come in, as far as it is whole and nothing is stalled. */
void client_take_frames(struct monitor *m, struct client *client);
struct client *client_at(unsigned index);
unsigned client_index(const struct client *client);

/* How a health check has ended; a negative code: it said nothing. */
void clients_tell_health(int code);

#endif
