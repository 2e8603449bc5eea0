/* Writing a tar archive as a stream: ustar, with pax records for what ustar has no room for. */
#ifndef TSPOD_TARWRITE_H
#define TSPOD_TARWRITE_H

#include "lib/tar.h"

struct tar_writer;

/* NULL when there is no memory. */
struct tar_writer *tar_create(int fd);
void tar_free(struct tar_writer *writer);

/*
 * Begin an entry; `precise`: with nanoseconds, which most archives do without. The entry's spans
 * are written with it, in the form of pax 1.0, and only their data may follow. 0 or -errno.
 */
int tar_put_entry(struct tar_writer *writer, const struct tar_entry *entry, bool precise);

/* Data of the entry from memory. */
int tar_put_data(struct tar_writer *writer, const void *data, size_t len);

/*
 * Data of the entry from a file, at this offset; a file that has become shorter goes on with zeros.
 */
int tar_put_file(struct tar_writer *writer, int fd, uint64_t offset, uint64_t len);

/* The two blocks by which a reader knows that nothing is missing. */
int tar_put_end(struct tar_writer *writer);

#endif
