/* The events file of the store: one line per event. src/store/events.ts writes the same lines. */
#ifndef TSPOD_EVENT_H
#define TSPOD_EVENT_H

#include "monitor.h"

/* Append one line. */
void event_record(const struct monitor *m, const char *status);

/* Two lines that nothing comes between. */
void event_record_both(const struct monitor *m, const char *first, const char *second);

/* With the exit code of the process that has ended. */
void event_record_exit(const struct monitor *m, const char *status, int code);

/* `health_status`: healthy, unhealthy, starting; with the output of the check, unless NULL. */
void event_record_health(const struct monitor *m, const char *health, const char *output);

/* An anonymous volume went with its container. */
void event_record_volume(const struct monitor *m, const char *name);

#endif
