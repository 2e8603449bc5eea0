/* sd_notify(3): what the service manager is told. */
#ifndef TSPOD_NOTIFY_H
#define TSPOD_NOTIFY_H

#include "monitor.h"

/*
 * notify-mode container: the socket run-dir/notify, which the ops bind into the container. 0 or
 * -errno.
 */
int notify_listen(struct monitor *m);

/* Init runs: with notify-mode conmon the service is ready. */
void notify_running(struct monitor *m);

/* Something came from inside. */
void notify_forward(struct monitor *m);

/* The stop has begun. */
void notify_stopping(struct monitor *m);

#endif
