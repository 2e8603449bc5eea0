/* The files that `put` writes, and what stands for them until they are whole. */
#ifndef TSPOD_PUT_H
#define TSPOD_PUT_H

#include <limits.h>
#include <stdbool.h>

#include "lib/extract.h"

/* Shared with the heir, who must know how far we came. */
struct put {
	struct extract x;
	bool confine, whole;
	const char *top;
	/* stands for `top` until the end; "" when that is a directory, which is filled */
	char staged[64];
};

/*
 * A directory that is there is filled; anything else is made beside it and takes its place at the
 * end.
 */
int put_stage(struct put *put);

/* The path of an entry, by way of the staged name. */
int put_entry_path(const struct put *put, const char *name, char path[PATH_MAX]);

/* Give the staged tree its name. */
int put_place(struct put *put);

#endif
