/* The kernel's overlay, mounted by whoever is root of a user namespace: overlayfs.rst. */
#ifndef TSPOD_OVERLAY_H
#define TSPOD_OVERLAY_H

#include <stdbool.h>

struct overlay {
	char *upper, *work; /* NULL: it cannot be written */
	char **lowers;      /* the top one first */
	unsigned count;
	/* the upper directory need not outlive a crash, and unmounting syncs no disk */
	bool is_volatile;
};

/* Mount it on a directory in `dir`. 0 or -errno. */
int overlay_mount(const struct overlay *overlay, int dir, const char *name);

#endif
