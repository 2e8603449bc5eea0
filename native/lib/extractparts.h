/*
 * The parts of the extraction: extract.c is the entries, their paths and the content of files,
 * extractnode.c how something comes to be under a name, extractmeta.c owners, attributes, modes and times.
 */
#ifndef TSPOD_EXTRACTPARTS_H
#define TSPOD_EXTRACTPARTS_H

#include <stdbool.h>

#include "lib/extract.h"

/* Whether the path itself is one: a symlink is none. */
bool extract_is_directory(const char *path);

/* An entry takes the place of an earlier one of its name. 0 or -errno. */
int extract_remove_earlier(const char *path);

/* Make what the entry is, its parents too, in place of what is there: a descriptor for a file, else 0, or -errno. */
int extract_node(const struct extract *x, const struct tar_entry *entry, const char *path, const char *link_path);

/*
 * Give it the entry's owner, mode, attributes and time; those of a directory are kept for the end. 0 or -errno.
 * fd: a file's own, else -1. In a container that runs somebody may have put another one under its name meanwhile,
 * which is not to become root's, and setuid.
 */
int extract_metadata(struct extract *x, const struct tar_entry *entry, const char *path, int fd);

#endif
