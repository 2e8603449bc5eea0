/* The names in a directory, sorted, so that two archives of one tree are equal. */
#ifndef TSPOD_NAMES_H
#define TSPOD_NAMES_H

#include <stddef.h>

/* Zero-initialise. */
struct names {
	char **list;
	size_t count, room;
};

/* Read them, without `.` and `..`. 0 or -errno. */
int names_read(struct names *names, int dir);

void names_free(struct names *names);

#endif
