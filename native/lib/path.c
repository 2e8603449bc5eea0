#include "lib/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/util.h"

#define LINKS_MAX 40 /* As the kernel counts: path_resolution(7). */

static int ensure(int root, const char *path, enum path_kind kind, mode_t mode, int budget);

int path_open(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT,
	};
	long fd;

	do /* EAGAIN: a rename elsewhere raced with `..`, openat2(2). */
		fd = syscall(SYS_openat2, root, *path ? path : "/", &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN);
	return fd < 0 ? -errno : (int)fd;
}

int path_split(const char *path, char parent[PATH_MAX], char base[256])
{
	size_t end = strlen(path);

	while (end > 0 && path[end - 1] == '/')
		end--;
	size_t start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	if (start >= PATH_MAX || end - start > 255)
		return -ENAMETOOLONG;
	memcpy(base, path + start, end - start);
	base[end - start] = '\0';
	memcpy(parent, path, start);
	parent[start] = '\0';
	if (base[0] == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
		return -EINVAL;
	return 0;
}

int path_ensure_parent(int root, const char *path, char base[256])
{
	char parent[PATH_MAX];
	int err = path_split(path, parent, base);

	return err < 0 ? err : ensure(root, parent, PATH_DIRECTORY, 0755, LINKS_MAX);
}

/* Follow one dangling symlink: its text, relative to where it stands, names what is to be made. */
static int ensure_linked(int root, int dir, const char *parent, const char *base,
			 enum path_kind kind, mode_t mode, int budget)
{
	char text[PATH_MAX], next[PATH_MAX];
	ssize_t n = readlinkat(dir, base, text, sizeof(text) - 1);

	if (n < 0 && errno != EINVAL)
		return -errno;
	if (n < 0) { /* No symlink: somebody made it meanwhile. */
		n = openat(dir, base, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		return n < 0 ? -errno : (int)n;
	}
	text[n] = '\0';
	if (snprintf(next, sizeof(next), "%s%s", text[0] == '/' ? "" : parent, text) >= PATH_MAX)
		return -ENAMETOOLONG;
	return ensure(root, next, kind, mode, budget);
}

static int ensure(int root, const char *path, enum path_kind kind, mode_t mode, int budget)
{
	char parent[PATH_MAX], base[256];
	int fd = path_open(root, path, O_PATH);

	if (fd != -ENOENT)
		return fd;
	if (budget == 0)
		return -ELOOP;
	int err = path_split(path, parent, base);
	if (err < 0)
		return err;
	autoclose int dir = ensure(root, parent, PATH_DIRECTORY, 0755, budget - 1);
	if (dir < 0)
		return dir;

	if (kind == PATH_FILE)
		fd = openat(dir, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	else if (mkdirat(dir, base, mode) == 0)
		fd = openat(dir, base, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	else
		fd = -1;
	if (fd < 0 && errno == EEXIST)
		return ensure_linked(root, dir, parent, base, kind, mode, budget - 1);
	return fd < 0 ? -errno : fd;
}

int path_ensure(int root, const char *path, enum path_kind kind, mode_t mode)
{
	return ensure(root, path, kind, mode, LINKS_MAX);
}

int path_procfs(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}
