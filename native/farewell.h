/*
 * The end after a failure that the CLI has been told. It may be about to say `go`: on a socket that
 * is closed by then it would get EPIPE, and with that Node closes its end, words that are not read
 * yet or not. So it is the CLI that hangs up.
 */
#ifndef TSPOD_FAREWELL_H
#define TSPOD_FAREWELL_H

#include <stdint.h>

/* How long that may take: a CLI that is stopped must not keep what is left of us for ever. */
#define FAREWELL_MS 10000

/*
 * Close all descriptors but the socket of the CLI and `signals`, -1 without, and wait for the end of
 * the CLI's interest, for a signal that asks us to end, or for the time to be over.
 */
void farewell(int cli, int signals, int64_t patience_ms);

#endif
