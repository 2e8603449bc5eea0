/* Copies of directory trees, with owners, modes, times and extended attributes. */
#ifndef TSPOD_COPY_H
#define TSPOD_COPY_H

/*
 * Copy the directory src (readable) and what is below it onto the directory dst. Device nodes are
 * left out where they are not permitted; hard links become copies. 0 or -errno.
 */
int copy_tree(int src, int dst);

/* 1 when the directory holds nothing, 0 when it does, -errno. */
int is_empty_directory(int dir);

#endif
