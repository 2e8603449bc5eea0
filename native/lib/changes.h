/*
 * What differs between a directory tree and layers below it, in the order of the names: the tree is
 * the upper directory of an overlay, or a layer (both in overlay form), or a whole root file
 * system.
 */
#ifndef TSPOD_CHANGES_H
#define TSPOD_CHANGES_H

#include <stdbool.h>
#include <sys/stat.h>

enum change_kind { CHANGE_ADDED = 'A', CHANGE_CHANGED = 'C', CHANGE_DELETED = 'D' };

struct change {
	enum change_kind kind;
	const char *path; /* without a slash at its beginning */
	int dir;          /* of the tree, not for what is deleted */
	const char *name; /* in that */
};

struct changes {
	int tree;
	/* the tree is a whole root file system, not what an overlay has on top */
	bool whole;
	const int *layers;    /* readable directories, the top one first */
	unsigned layer_count;
	int (*found)(void *arg, const struct change *change); /* 0, or -errno to stop */
	void *arg;
};

/* Find all changes. A directory comes before what is in it. 0 or -errno. */
int changes_walk(const struct changes *changes);

#endif
