/* One run of a health check's command in the container. */
#ifndef TSPOD_PROBE_H
#define TSPOD_PROBE_H

#include "health_settings.h"
#include "monitor.h"

#define PROBE_OUTPUT_MAX 500 /* bytes, as Podman keeps */

struct probe {
	pid_t pid, host_pid;  /* 0: none runs */
	int status;           /* socket to it until its execve: start.h */
	int output;           /* of both its streams */
	bool timed_out;
	struct timespec started;
	char text[PROBE_OUTPUT_MAX + 1];
	size_t len;
};

/* Start the command as the container's own process was started. 0 or -errno. */
int probe_start(struct monitor *m, struct probe *probe, const struct health_check *check);

/* There is something to read. */
void probe_read(struct probe *probe);

/* Kill it and what it has started. */
void probe_kill(struct probe *probe);

/* It has ended with this code; its exit code as a shell counts, -1 after a timeout. */
int probe_finish(struct probe *probe, int code);

#endif
