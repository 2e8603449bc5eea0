/* Files and directory trees as entries of a tar archive. */
#ifndef TSPOD_PACK_H
#define TSPOD_PACK_H

#include <limits.h>

#include "lib/links.h"
#include "lib/tarwrite.h"

/*
 * What an attribute, or a list of them, can have: xattr(7). Files up to here are read whole first.
 */
#define PACK_BUFFER 65536

/* Zero-initialise, then set `out` and the rest as wanted. */
struct packer {
	struct tar_writer *out;
	bool for_ourselves;     /* precise times, and holes stay holes: not everybody reads those */
	bool skip_unreadable;   /* a file that may not be read is left out */
	bool chown;             /* everything belongs to these: */
	uid_t uid;
	gid_t gid;
	/* names in the top directory that are left out with what is in them */
	const char *skipped[8];
	struct links links;     /* by their names in the archive */
	char path[PATH_MAX];    /* of the entry at hand, for the report of a failure */
	char *data, *names, *values;
};

/*
 * Pack what a name in a directory stands for, with everything below it, under another name; `as` is
 * "" for a directory of which only the content is wanted. The name itself may be a symlink, which
 * is followed with `follow`. 0 or -errno.
 */
int pack_tree(struct packer *packer, int dir, const char *name, const char *as, bool follow);

/* Pack one file without what may be below it. */
int pack_one(struct packer *packer, int dir, const char *name, const char *as);

/* Pack an empty file: what a whiteout is in a layer (OCI image-spec, layer.md). */
int pack_empty(struct packer *packer, const char *as);

void pack_free(struct packer *packer);

/* One descriptor a level of the tree is open: as many as may be (setrlimit(2)). */
void pack_allow_depth(void);

#endif
