/*
 * How a layer hides what the layers below it have: overlayfs.rst, and layer.md of the OCI
 * image-spec.
 */
#ifndef TSPOD_WHITEOUT_H
#define TSPOD_WHITEOUT_H

#include <stdbool.h>
#include <sys/stat.h>

#define WHITEOUT ".wh."                /* In archives an empty file `.wh.NAME` hides NAME. */
#define WHITEOUT_OPAQUE ".wh..wh..opq" /* In archives this one hides all that the directory had. */

/* Overlay's form: a character device 0:0 hides its own name. */
bool whiteout_is(const struct stat *st);

/*
 * Whether the directory hides the name in the form of archives, which fuse-overlayfs reads as well.
 */
bool whiteout_has_marker(int dir, const char *name);

/* Whether a directory hides what lower layers have at its path, in any of the forms. */
bool whiteout_is_opaque(int dir);

#endif
