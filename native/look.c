/*
 * `look PATH`: what is at a path below the root directory, its symlinks followed: KIND and PATH, each
 * with a NUL; then the same for the directory that PATH is in, for a path that leads nowhere.
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

static int look_at(int root, const char *path)
{
	char name[PATH_MAX] = "";
	struct stat st;
	autoclose int fd = path_open(root, path, O_PATH);

	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP) {
		printf("missing%c%c", 0, 0);
		return 0;
	}
	int err = fd < 0 ? fd : name_of(fd, name);
	if (err < 0 || fstat(fd, &st) < 0)
		return err < 0 ? err : -errno;
	printf("%s%c%s%c", kind_of(st.st_mode), 0, name, 0);
	return 0;
}

int verb_look(int argc, char **argv)
{
	char parent[PATH_MAX], base[256];
	autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (argc != 2 || root < 0)
		return report_failure("look", argc != 2 ? EINVAL : errno, "arguments");
	int err = look_at(root, argv[1]);
	if (err == 0 && path_split(argv[1], parent, base) == 0)
		err = look_at(root, parent);
	if (err < 0)
		return report_failure("look", -err, argv[1]);
	return fflush(stdout) == 0 ? 0 : report_failure("write", errno, NULL);
}
