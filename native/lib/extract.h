/* Entries of a tar archive become files below the current directory. */
#ifndef TSPOD_EXTRACT_H
#define TSPOD_EXTRACT_H

#include <limits.h>

#include "lib/tar.h"

struct extract_directory;

/* Zero-initialise, and open `tar`. */
struct extract {
	struct tar_reader *tar;
	bool squash_owners; /* there is but one id: everything belongs to it */
	bool chown;         /* everything belongs to these: */
	uid_t uid;
	gid_t gid;
	bool layer;         /* the tree is a layer in overlay form */
	/* no directory gives way to anything else, and nothing else to a directory */
	bool keep_kinds;
	/* what a file is called until it is whole; "": it has its own name at once */
	char staged[32];
	int record; /* 0, or a file that is told, from record_at on, which directory that is in */
	off_t record_at;
	bool skipped_device;
	bool has_capabilities; /* a file has security.capability */
	struct extract_directory *directories; /* their modes and times come at the end */
	size_t directory_count, directory_room;
	char *paths;
	size_t paths_used, paths_room;
	int parent; /* the directory of the last entry, 0 when none is open */
	char parent_path[PATH_MAX];
};

/*
 * Where an entry goes. In a container that runs somebody may change what a path leads to meanwhile,
 * and what is root's is not to come, or change, elsewhere.
 */
struct spot {
	int dir; /* AT_FDCWD, or the extraction's own */
	const char *name; /* in dir; the end of path */
	const char *path;
};

/*
 * A name as a path below the current directory, without `.`, `..` and double slashes; "" is the
 * directory.
 */
int extract_path(const char *name, char path[PATH_MAX]);

/*
 * Open the directory that a path is in, made with those above it when it is missing. 0 or -errno.
 */
int extract_spot(struct extract *x, const char *path, struct spot *spot);

/* What was there in lower layers is not seen through this directory. */
int extract_hide_lower(const char *directory);

/*
 * Make what the entry says, at paths that extract_path() made; "." is the directory itself. 0 or
 * -errno.
 */
int extract_entry(struct extract *x, const struct tar_entry *entry, const char *path,
		  const char *link_path);

/* Give the directories their modes and times. */
int extract_finish(struct extract *x);

/* Remove the file that was not whole yet when the extraction was killed. */
void extract_abandon(const struct extract *x);

/* Free what was collected, not the reader. */
void extract_free(struct extract *x);

#endif
