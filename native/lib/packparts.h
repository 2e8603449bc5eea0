/* The parts of packing: pack.c is the way through the tree, packcontent.c what a file holds. */
#ifndef TSPOD_PACKPARTS_H
#define TSPOD_PACKPARTS_H

#include <sys/stat.h>

#include "lib/pack.h"

#define XATTRS_MAX 256

/* The entry that is being made. */
struct item {
	int dir;
	const char *name;
	bool follow;
	struct stat st;
	struct tar_entry entry;
	struct tar_xattr xattrs[XATTRS_MAX];
	char link[PATH_MAX];
};

/* Put the entry of an open file, then what is in it. 0 or -errno. */
int pack_content(struct packer *p, struct item *item, int fd);

/* Give the entry of an open file its attributes, as far as there is room for them. */
void pack_xattrs(struct packer *p, struct item *item, int fd);

#endif
