/*
 * The parts of the writer: tarwrite.c is the entries, tarrecords.c the records of pax, tarout.c the
 * bytes on their way and the data of files.
 */
#ifndef TSPOD_TARWRITEPARTS_H
#define TSPOD_TARWRITEPARTS_H

#include "lib/tarformat.h"
#include "lib/tarwrite.h"

#define BUFFER 65536
/* What the octal fields of ustar hold: tar(5). */
#define ID_MAX 07777777
#define SIZE_MAX_USTAR 077777777777

struct tar_writer {
	int fd;
	bool no_sendfile;	/* learnt from the first refusal */
	uint64_t written;	/* data bytes of the present entry */
	char *pax;
	size_t pax_len, pax_room;
	size_t used;
	char buffer[BUFFER];
};

/* Into pax: what the header's fields have no room for. size: of the data. 0 or -errno. */
int tar_collect_records(struct tar_writer *w, const struct tar_entry *entry, uint64_t size,
			bool precise);

/* Bytes into the buffer, and from there into the archive. 0 or -errno. */
int tar_write(struct tar_writer *w, const void *data, size_t len);
int tar_write_zeros(struct tar_writer *w, uint64_t len);
int tar_flush(struct tar_writer *w);

#endif
