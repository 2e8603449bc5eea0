/* Standard streams of init: from its pipes or pty to the log and to who is attached, and back. */
#ifndef TSPOD_STREAM_H
#define TSPOD_STREAM_H

#include "monitor.h"

/* Make the pipes of a new run of init; inner are init's ends. 0 or -errno. */
int stream_open(struct monitor *m, int inner[3]);
void stream_close_inner(const int inner[3]);

/* The pty of init has come; master is ours now. */
void stream_set_tty(int master);

void stream_watch(struct monitor *m);

/* Init is dead: read what is left, as far as clients take it. True when nothing is left. */
bool stream_drain(struct monitor *m);

/* Write to init's standard input: how much of it went; all when nobody is there to read. */
size_t stream_input(const char *data, size_t len);

/* Close it. A terminal has no end: NULL, or the one character that is to be typed instead. */
const char *stream_close_input(void);

int stream_resize(unsigned short rows, unsigned short columns);

#endif
