/*
 * `look PATH`: what is at a path below the root directory, its symlinks followed: KIND and PATH,
 * each with a NUL; then the same for the directory that it is in, or would be in.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/path.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

#define LINKS_MAX 40 /* path_resolution(7) */

static const char *kind_of(mode_t mode)
{
	return S_ISDIR(mode) ? "directory" : S_ISREG(mode) ? "file" : "other";
}

/* Where a descriptor leads, as this process sees it: proc(5), /proc/PID/fd. */
static int name_of(int fd, char path[PATH_MAX])
{
	char link[32];

	snprintf(link, sizeof(link), "self/fd/%d", fd);
	ssize_t n = readlinkat(path_procfs(), link, path, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	return 0;
}

/* Print what is there. 1, 0 when nothing is, or -errno. */
static int look_at(int root, const char *path)
{
	char name[PATH_MAX] = "";
	struct stat st;
	autoclose int fd = path_open(root, path, O_PATH);

	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP) {
		printf("missing%c%s%c", 0, path, 0);
		return 0;
	}
	int err = fd < 0 ? fd : name_of(fd, name);
	if (err < 0 || fstat(fd, &st) < 0)
		return err < 0 ? err : -errno;
	printf("%s%c%s%c", kind_of(st.st_mode), 0, name, 0);
	return 1;
}

/* A symlink to nothing names what is to be made: *path becomes that. 1 when it was one. */
static int follow_dangling(int root, char path[PATH_MAX])
{
	char parent[PATH_MAX], base[256], text[PATH_MAX], next[2 * PATH_MAX];

	if (path_split(path, parent, base) < 0)
		return 0;
	autoclose int dir = path_open(root, parent, O_PATH | O_DIRECTORY);
	ssize_t n = dir < 0 ? -1 : readlinkat(dir, base, text, sizeof(text) - 1);
	autoclose int there = path_open(root, path, O_PATH);
	if (n <= 0 || there != -ENOENT)
		return 0;
	text[n] = '\0';
	int len = snprintf(next, sizeof(next), "%s%s", text[0] == '/' ? "" : parent, text);
	if (len >= PATH_MAX)
		return 0;
	memcpy(path, next, (size_t)len + 1);
	return 1;
}

int verb_look(int argc, char **argv)
{
	char path[PATH_MAX], parent[PATH_MAX], base[256];
	autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (argc != 2 || root < 0 ||
	    snprintf(path, sizeof(path), "%s", argv[1]) >= (int)sizeof(path))
		return report_failure("look", argc != 2 ? EINVAL : ENAMETOOLONG, "arguments");
	for (int budget = LINKS_MAX; budget > 0 && follow_dangling(root, path) > 0; budget--)
		;
	int found = look_at(root, path);
	if (found >= 0 && path_split(path, parent, base) == 0)
		found = look_at(root, parent);
	if (found < 0)
		return report_failure("look", -found, argv[1]);
	return fflush(stdout) == 0 ? 0 : report_failure("write", errno, NULL);
}
