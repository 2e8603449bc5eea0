/*
 * Reading a tar archive as a stream: ustar, pax, GNU and old formats, sparse files of all of them.
 * Where archives in the wild disagree, this reads them as Go's archive/tar does, which made most
 * images.
 */
#ifndef TSPOD_TAR_H
#define TSPOD_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* tar(5): the type flag of an entry; what only describes the next entry is never returned. */
enum tar_type {
	TAR_FILE = '0',
	TAR_HARDLINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHAR = '3',
	TAR_BLOCK = '4',
	TAR_DIRECTORY = '5',
	TAR_FIFO = '6',
};

/* A stretch of a sparse file that has data; the rest are holes. */
struct tar_span {
	uint64_t offset;
	uint64_t length;
};

struct tar_xattr {
	const char *name;
	const void *value;
	size_t size;
};

/* The pointers live until the next entry is asked for. */
struct tar_entry {
	enum tar_type type;
	const char *path;
	const char *link;
	mode_t mode; /* permissions alone */
	int64_t uid;
	int64_t gid;
	struct timespec mtime;
	dev_t device; /* written, not read: nobody may make one */
	uint64_t size; /* of the file; a sparse one has less data */
	bool sparse;
	const struct tar_span *spans;
	size_t span_count;
	const struct tar_xattr *xattrs;
	size_t xattr_count;
};

struct tar_reader;

/* NULL when there is no memory. */
struct tar_reader *tar_open(int fd);
void tar_close(struct tar_reader *reader);

/*
 * The next entry: 1, 0 at the end (everything is read then, also what follows the archive), or
 * -errno: -EBADMSG for a malformed archive, -ENODATA for one that ends too early.
 */
int tar_next(struct tar_reader *reader, struct tar_entry *entry);

/*
 * Whether the archive was whole: some end without the two zero blocks, and so do all that were cut
 * off.
 */
bool tar_is_complete(const struct tar_reader *reader);

/* Up to max bytes of the entry's data, in place: their number, 0 at its end, -errno as above. */
ssize_t tar_data(struct tar_reader *reader, uint64_t max, const void **data);

/*
 * Data of the entry straight from a pipe into a file, at its present position: splice(2). How many
 * bytes went; 0 when some are in the buffer already, or when there is no pipe; -errno.
 */
int64_t tar_splice(struct tar_reader *reader, uint64_t max, int fd);

#endif
