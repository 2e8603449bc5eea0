#include "lib/extractparts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/util.h"

/* A directory on the way to which no symlink is: a descriptor or -errno. */
static int open_directory(int dir, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd;

	do
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : (int)fd;
}

/*
 * The next directory on the way. /lib may lead to /usr/lib for an archive that names only what is
 * in it; what an entry has made a directory is one, or somebody has put a symlink there.
 */
static int step(const struct extract *x, int dir, const char *path, const char *name)
{
	int fd = open_directory(dir, name);

	if (fd != -ELOOP || (!x->layer && extract_was_directory(x, path)))
		return fd;
	fd = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Walk to a directory, step by step. A descriptor or -errno. */
static int walk(const struct extract *x, const char *path, bool make)
{
	char partial[PATH_MAX];
	int dir = AT_FDCWD;

	for (size_t start = 0, end; start < strlen(path); start = end + 1) {
		end = start + strcspn(path + start, "/");
		memcpy(partial, path, end);
		partial[end] = '\0';
		if (make && mkdirat(dir, partial + start, 0755) < 0 && errno != EEXIST) {
			int err = -errno;
			drop_fd(&dir);
			return err;
		}
		int next = step(x, dir, partial, partial + start);
		drop_fd(&dir);
		if (next < 0)
			return next;
		dir = next;
	}
	return dir;
}

static int open_parent(const struct extract *x, const char *parent, bool make)
{
	if (*parent == '\0')
		return AT_FDCWD;
	int fd = open_directory(AT_FDCWD, parent);
	return fd == -ELOOP || (fd == -ENOENT && make) ? walk(x, parent, make) : fd;
}

/* What is before the last slash, and behind it. */
static const char *split(const char *path, char parent[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	snprintf(parent, PATH_MAX, "%.*s", slash ? (int)(slash - path) : 0, path);
	return slash ? slash + 1 : path;
}

int extract_open_parent(const struct extract *x, const char *path)
{
	char parent[PATH_MAX];

	split(path, parent);
	return open_parent(x, parent, false);
}

/* Before anything is made there: whoever finds the record has to know. 0 or -errno. */
static int note_parent(const struct extract *x, const char *parent)
{
	if (x->record == 0)
		return 0;
	return pwrite(x->record, parent, strlen(parent) + 1, x->record_at) < 0 ? -errno : 0;
}

int extract_spot(struct extract *x, const char *path, struct spot *spot)
{
	char parent[PATH_MAX];
	const char *name = split(path, parent);

	if (x->parent == 0 || strcmp(parent, x->parent_path) != 0) {
		extract_close_parent(x);
		int fd = open_parent(x, parent, true);
		if (fd < 0 && fd != AT_FDCWD)
			return fd;
		int err = note_parent(x, parent);
		if (err < 0) {
			drop_fd(&fd);
			return err;
		}
		x->parent = fd;
		memcpy(x->parent_path, parent, strlen(parent) + 1);
	}
	*spot = (struct spot){ x->parent, name, path };
	return 0;
}

void extract_close_parent(struct extract *x)
{
	if (x->parent > 0)
		close(x->parent);
	x->parent = 0;
}
