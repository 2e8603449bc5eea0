/* Processes that exec has started: from the clone to the exit code. */
#ifndef TSPOD_SESSIONS_H
#define TSPOD_SESSIONS_H

#include "clients.h"
#include "start.h"

/*
 * Hexadecimal digits. While the process runs there is the file run-dir/exec.ID.MONITOR-PID:
 * `inspect` lists them.
 */
#define SESSION_ID 64

/* Start it for this client, which then waits in CLIENT_EXEC. 0 or -errno. */
int session_begin(struct monitor *m, struct client *client, struct exec_request *request);

void sessions_watch(void);

/* A child has ended; true when it was a session's. */
bool session_ended(struct monitor *m, pid_t pid, int code);

/* The client has gone; with `d` before, its process keeps the terminal. */
void session_abandoned(unsigned index);
void session_detach(unsigned index);

#endif
