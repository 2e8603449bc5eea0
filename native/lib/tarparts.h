/*
 * The parts of the reader: tar.c is the entries, tarstream.c the bytes they come from, tarheader.c
 * the header's block and its numbers, tarpax.c the records of pax, tarsparse.c the maps of sparse
 * files.
 */
#ifndef TSPOD_TARPARTS_H
#define TSPOD_TARPARTS_H

#include "lib/tar.h"
#include "lib/tarformat.h"

#define BUFFER (1 << 20)

/* What pax records and GNU's long names say about the next entry; NULL and false: nothing. */
struct overrides {
	const char *path;
	const char *link;
	const char *sparse_name;
	bool has_size, has_uid, has_gid, has_mtime, has_sparse_size, sparse_in_data;
	uint64_t size, sparse_size;
	int64_t uid, gid;
	struct timespec mtime;
};

struct tar_reader {
	int fd;
	size_t start, end; /* of the unread bytes in buffer */
	bool no_splice;    /* what we read from is no pipe */
	uint64_t left;	   /* data bytes of the present entry */
	uint64_t padding;  /* and the zeros behind them */
	bool complete;
	struct overrides next;
	char *pax, *long_name, *long_link;
	char name[256 + 2], link[100 + 1];
	struct tar_span *spans;
	size_t span_count, span_room;
	struct tar_xattr *xattrs;
	size_t xattr_count, xattr_room;
	char buffer[BUFFER];
};

/* Have at least want bytes in the buffer: how many there are (fewer at the end), or -errno. */
ssize_t tar_fill(struct tar_reader *r, size_t want);

/* Pass over bytes. 0, or -errno: -ENODATA when there are fewer. */
int tar_skip(struct tar_reader *r, uint64_t count);

/* Read to the end of the file. 0 or -errno. */
int tar_drain(struct tar_reader *r);

/* A whole block: 1, 0 at the end of file, or -errno. */
int tar_read_block(struct tar_reader *r, void *block);

/* 1; 0 at the end: two zero blocks, or the end of file where a header could be; -errno. */
int tar_read_header(struct tar_reader *r, struct header *header);

/*
 * A number field: octal text between blanks, or, with the highest bit set, a big-endian two's
 * complement number without that bit (tar(5)).
 */
int tar_parse_field(const char *field, size_t len, int64_t *value);

/* A number field that counts something. */
int tar_parse_count(const char *field, size_t len, uint64_t *value);

/* How many zeros follow that much data. */
uint64_t tar_padding(uint64_t size);

/*
 * Records of `LENGTH KEY=VALUE\n`, LENGTH in decimal counting all of it: pax(1). They are written
 * into.
 */
int tar_parse_pax(struct tar_reader *r, char *text, size_t len);

/* A decimal number up to any of `ends`; *p is moved behind that character. */
int tar_parse_decimal(const char **p, const char *ends, uint64_t *value);

/* A decimal number and nothing else. */
int tar_parse_whole(const char *text, uint64_t *value);

/* A record of pax whose key begins with `GNU.sparse.`, without that. */
int tar_parse_sparse(struct tar_reader *r, const char *key, const char *value);

/* The old GNU format: four spans in the header, 21 in each block that follows. */
int tar_read_gnu_sparse(struct tar_reader *r, const struct header *header, uint64_t *real_size);

/* Give a sparse file its spans, its name and its size, and see that they fit its data. */
int tar_fill_sparse(struct tar_reader *r, struct tar_entry *entry);

#endif
