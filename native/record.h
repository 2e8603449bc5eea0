/* What the monitor writes for others to read: STYLE.md §2. 0 or -errno. */
#ifndef TSPOD_RECORD_H
#define TSPOD_RECORD_H

#include "monitor.h"

/*
 * Take `monitor.lock` for life and say in it who holds it; fills m->pid, m->start_time, m->boot_id.
 */
int record_lock(struct monitor *m);

/*
 * `init.json`, before init's execve: whoever reads it early sees a process that is about to be. Keeps
 * room for `exit.json`, too, where the container stays when it has ended.
 */
int record_init(struct monitor *m);

/*
 * The container's first init did not come to be. A later one leaves the record of the one before it:
 * with exit.json, that says that we start again.
 */
void record_no_init(struct monitor *m);

/* `exit.json`. */
int record_exit(struct monitor *m);

#endif
