/*
 * The parts of the extraction: extract.c is the entries and the content of files, extractspot.c
 * where they go, extractnode.c how something comes to be under a name, extractmeta.c owners,
 * attributes, modes and times.
 */
#ifndef TSPOD_EXTRACTPARTS_H
#define TSPOD_EXTRACTPARTS_H

#include <stdbool.h>

#include "lib/extract.h"

/* Whether the name itself is one: a symlink is none. */
bool extract_is_directory(const struct spot *spot);

/*
 * The directory that holds a path, as it is now: AT_FDCWD, a descriptor of the caller's, or -errno.
 */
int extract_open_parent(const struct extract *x, const char *path);

/* Forget the directory of the last entry. */
void extract_close_parent(struct extract *x);

/*
 * Make what the entry is, in place of what is there: a descriptor of it, or -errno. 0: a hard link.
 * That of a file can be written, that of a directory read, another one only names it.
 */
int extract_node(const struct extract *x, const struct tar_entry *entry, const struct spot *spot,
		 const char *link_path);

/*
 * Give it the entry's owner, mode, attributes and time; those of a directory are kept for the end.
 * 0 or -errno.
 */
int extract_metadata(struct extract *x, const struct tar_entry *entry, const char *path, int fd);

/* Whether an entry of the archive has been a directory at this path. */
bool extract_was_directory(const struct extract *x, const char *path);

#endif
