/* Copies of directory trees: owners, modes, times, extended attributes, holes, hard links. */
#ifndef TSPOD_COPY_H
#define TSPOD_COPY_H

#include <stdbool.h>

/*
 * Copy what is below the directory src (readable) into the directory dst, and what src is onto dst.
 * What is there already stays. Device nodes are left out where they are not permitted. Content is
 * shared with the original where the file system can (ioctl_ficlonerange(2)). 0 or -errno.
 */
int copy_tree(int src, int dst);

/*
 * The same for a layer in overlay form on top of what dst holds: files are replaced, whiteouts
 * remove, opaque directories hide, and neither gets into dst (overlayfs.rst).
 */
int copy_layer(int src, int dst);

/*
 * What is below src into dst, as copy_tree() or, on top of what an earlier call has left half,
 * copy_layer() would; dst itself keeps its owner, mode and times.
 */
int copy_below(int src, int dst, bool again);

/*
 * Of a layer only the files with capabilities, and the directories on the way to them: into an
 * empty dst. There the capabilities hold for user namespaces whose root is the id 1 of this one.
 */
int copy_capable(int src, int dst);

/* 1 when the directory holds nothing, 0 when it does, -errno. */
int is_empty_directory(int dir);

#endif
