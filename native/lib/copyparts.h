/*
 * The parts of a copy: copy.c is the way through the tree, copyentry.c what becomes of one name,
 * copydata.c a file's content, copymeta.c owners, attributes, modes and times.
 */
#ifndef TSPOD_COPYPARTS_H
#define TSPOD_COPYPARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "lib/links.h"

#define BLOCK 65536 /* also the most that an attribute, or a list of them, can have: xattr(7) */

/*
 * Directories are copied one after the other, by their paths below src and dst: nothing grows with
 * the depth but the path. Their modes and times come at the end, when nothing is written any more.
 */
struct copy {
	int src, dst;
	bool layer;
	bool capable; /* only files with capabilities, and the directories on the way to them */
	bool below; /* dst itself stays as it is */
	bool no_clone, no_range; /* learnt from the first refusal */
	char **dirs;
	size_t dir_count, dir_room;
	struct links links; /* `dir` is a number in dirs */
	char *buf, *names; /* BLOCK bytes each */
};

/* The directory that is being copied. */
struct place {
	int src, dst;
	size_t number;
};

/* A directory by its path below src or dst, no symlink followed: a descriptor or -errno. */
int copy_open(int root, const char *path);

/* Have the directory `name` in `parent`, a path below src and dst, copied later. 0 or -errno. */
int copy_remember(struct copy *copy, const char *parent, const char *name);

/* Copy what has this name, but not what is below a directory. 0 or -errno. */
int copy_entry(struct copy *copy, const struct place *at, const char *name);

/* Content of that many bytes, shared where the file system can, holes left holes. 0 or -errno. */
int copy_content(struct copy *copy, int src, int dst, off_t size);

/*
 * Give it the owner of the original, where this user namespace has the id. "": dir itself. 0 or
 * -errno.
 */
int copy_owner(int dir, const char *name, const struct stat *st);

/* All but the content, when nothing is written any more. 0 or -errno. */
int copy_metadata(struct copy *copy, int src, int dst, const struct stat *st);

#endif
