/*
 * The driver journald: an entry a line, in the journal's native protocol
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/) and with the fields that Podman's have, so that
 * what reads those reads ours. For log.c.
 */
#ifndef TSPOD_JOURNAL_H
#define TSPOD_JOURNAL_H

#include "lib/log.h"

/* Connect to the socket at log->path. 0 or -errno. */
int journal_open(struct log *log);

/*
 * Write the lines of a chunk; *taken of its bytes went. 0 or -errno; -EAGAIN: the journal is
 * behind.
 */
int journal_write(struct log *log, enum log_stream stream, const char *data, size_t len,
		  size_t *taken);

/* Wait until the journal has received all entries, or a second has passed. */
void journal_settle(const struct log *log);

#endif
