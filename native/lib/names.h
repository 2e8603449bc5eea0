/* The names in a directory. */
#ifndef TSPOD_NAMES_H
#define TSPOD_NAMES_H

#include <dirent.h>
#include <stddef.h>

/*
 * For reading it with names_next(), then closedir(3); the descriptor stays the caller's. NULL and
 * errno.
 */
DIR *names_open(int dir);

/* The next name but `.` and `..`, in no order; NULL after the last one. */
const char *names_next(DIR *entries);

/* Sorted, so that two archives of one tree are equal. Zero-initialise. */
struct names {
	char **list;
	size_t count, room;
};

/* Read them all. 0 or -errno. */
int names_read(struct names *names, int dir);

void names_free(struct names *names);

#endif
