/* Extended attributes that are not the file's own: xattr(7). */
#ifndef TSPOD_XATTRS_H
#define TSPOD_XATTRS_H

#include <stdbool.h>

/*
 * The bookkeeping of overlay file systems: no image's or copy's to write (overlayfs.rst,
 * fuse-overlayfs(1)).
 */
bool xattr_is_overlays(const char *name);

/*
 * The label of SELinux: the host gives one to a file for where it is, and refuses those that its
 * policy does not know (EINVAL).
 */
bool xattr_is_label(const char *name);

#endif
