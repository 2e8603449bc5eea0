/* One run of a health check's command in the container. */
#ifndef TSPOD_PROBE_H
#define TSPOD_PROBE_H

#include "health_settings.h"
#include "monitor.h"

struct probe {
	pid_t pid, host_pid;  /* 0: none runs */
	int status;           /* socket to it until its execve: start.h */
	int output;           /* of both its streams */
	bool timed_out;
	struct timespec started;
	char *text; /* what it has written, up to `room` bytes; with a NUL when it has ended */
	size_t len, room;
};

/*
 * Start the command, keeping so much of its output, as the container's own process was started. 0
 * or -errno.
 */
int probe_start(struct monitor *m, struct probe *probe, const struct health_check *check);

/* Why there is no output. */
void probe_say(struct probe *probe, const char *text);

/* There is something to read. */
void probe_read(struct probe *probe);

/* Kill it and what it has started. */
void probe_kill(struct probe *probe);

/* It has ended with this code; its exit code as a shell counts, -1 after a timeout. */
int probe_finish(struct probe *probe, int code);

/* Whether init is on its way out, so that a check says nothing about the container's health. */
bool init_is_exiting(const struct monitor *m);

#endif
