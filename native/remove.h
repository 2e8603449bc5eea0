/* Removing trees that a container has filled. */
#ifndef TSPOD_REMOVE_H
#define TSPOD_REMOVE_H

/*
 * Remove dirfd/name and everything below; absent is fine. No symlink is followed, no mount point
 * crossed (-EXDEV), nothing is written but modes of directories that would not open, and neither
 * the number of descriptors nor the stack grows with the depth. 0, or the first -errno.
 */
int remove_tree(int dirfd, const char *name);

#endif
