/*
 * Paths inside a root file system that the container may have filled with symlinks: the kernel
 * resolves them below a descriptor of the root, so none leads out: openat2(2), RESOLVE_IN_ROOT.
 */
#ifndef TSPOD_PATH_H
#define TSPOD_PATH_H

#include <limits.h>
#include <sys/types.h>

enum path_kind { PATH_DIRECTORY, PATH_FILE };

/* Open an existing path (open(2) flags; close-on-exec is added). A descriptor or -errno. */
int path_open(int root, const char *path, int flags);

/*
 * A descriptor that names a path (O_PATH; of a file just made: to write), which is made with its
 * parents when it is missing: parents 0755, itself with these permissions. A dangling symlink is
 * followed inside the root and what it names is made, as images leave /etc/resolv.conf pointing
 * into an empty /run.
 */
int path_ensure(int root, const char *path, enum path_kind kind, mode_t mode);

/*
 * Split a path at its last component; trailing slashes do not count. -EINVAL for `/`, `.` and `..`.
 */
int path_split(const char *path, char parent[PATH_MAX], char base[256]);

/*
 * The host's procfs, opened at the first call: before the root directory or the mounts become
 * others.
 */
int path_procfs(void);

/* The O_PATH descriptor of the parent, made when missing, and the last component in base. */
int path_ensure_parent(int root, const char *path, char base[256]);

#endif
