/* The monitor's first part: preparing, the root, the words of the launcher and the CLI. */
#ifndef TSPOD_BEGIN_H
#define TSPOD_BEGIN_H

#include "monitor.h"

/* The exit status of what tspod itself could not do, as Podman's. */
#define STATUS_OURS 125
#define STATUS_OUT_OF_LIFE 255 /* Killed because its time was over: as conmon reports it. */

void begin(struct monitor *m);
void begin_watch(struct monitor *m);

/* Go on as far as the launcher's and the CLI's words allow, and the volumes are filled. */
void begin_advance(struct monitor *m);

/* Go on with what had to wait for another monitor; when to come again, 0: never. */
int64_t begin_turn(struct monitor *m, int64_t now);

/* One line to the CLI, as long as it listens. */
void say(struct monitor *m, const char *format, long first, long second);

/* Kill init, if there is one, and wait for its end: it has not come to be. */
void drop_init(struct monitor *m);

/* The end before anything ran: the kernel takes with us what we have made. Hangs up on the CLI. */
void give_up(struct monitor *m);

/* The same, but m->step and the errno go to the CLI, which hangs up when it has heard. */
void refuse(struct monitor *m, int err);

#endif
