/* Files with several names, found by inode, so that they are copied once and linked after that. */
#ifndef TSPOD_LINKS_H
#define TSPOD_LINKS_H

#include <stddef.h>
#include <sys/stat.h>

/* Where a file was met first; name is NULL for one that was not. */
struct link {
	dev_t dev;
	ino_t ino;
	size_t dir; /* what the caller makes of it */
	char *name;
};

/* Zero-initialise. */
struct links {
	struct link *list;
	size_t count, room;
};

/* The place of a file in the table, valid until the next call. 0 or -ENOMEM. */
int links_find(struct links *links, const struct stat *st, struct link **found);

/* Remember where a file is that links_find() did not know. 0 or -ENOMEM. */
int links_add(struct links *links, struct link *place, size_t dir, const char *name);

void links_free(struct links *links);

#endif
