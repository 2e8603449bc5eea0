/* Extended attributes that are not the file's own: xattr(7). */
#ifndef TSPOD_XATTRS_H
#define TSPOD_XATTRS_H

#include <stdbool.h>

/*
 * The bookkeeping of overlay file systems: no image's or copy's to write (overlayfs.rst,
 * fuse-overlayfs(1)).
 */
bool xattr_is_overlays(const char *name);

#endif
