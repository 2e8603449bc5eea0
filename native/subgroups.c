#include "subgroups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/util.h"
#include <unistd.h>

#define END_MS 2000 /* what a killed process has to end in */

/* The first cgroup below; false without. */
static bool first_below(int cgroup, char name[NAME_MAX + 1])
{
	bool found = false;
	int fd = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	for (struct dirent *entry; !found && (entry = readdir(dir));) {
		found = entry->d_type == DT_DIR && entry->d_name[0] != '.';
		if (found)
			snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
	}
	closedir(dir);
	return found;
}

static int step_to(int *cgroup, const char *name)
{
	int next = openat(*cgroup, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (next < 0)
		return -errno;
	close(*cgroup);
	*cgroup = next;
	return 0;
}

/* Without recursion: the container may have nested them as deep as it liked. */
static int remove_below(int cgroup)
{
	char name[NAME_MAX + 1];
	unsigned depth = 0;
	bool is_empty = false; /* the first below: we come from there */
	autoclose int at = fcntl(cgroup, F_DUPFD_CLOEXEC, 0);

	for (int err = at < 0 ? -errno : 0;;) {
		if (err < 0)
			return err;
		if (!first_below(at, name)) {
			if (depth == 0)
				return 0;
			err = step_to(&at, "..");
			depth--;
			is_empty = true;
		} else if (unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
			is_empty = false;
		} else if (errno != EBUSY || is_empty) {
			return -errno;
		} else {
			err = step_to(&at, name);
			depth++;
		}
	}
}

/* `cpu memory` as `-cpu -memory`: cgroup v2, "cgroup.subtree_control". */
static int take_back(int cgroup)
{
	char given[512], text[1024], *rest = given;
	size_t used = 0;
	ssize_t n = read_file_at(cgroup, "cgroup.subtree_control", given, sizeof(given));

	if (n < 0)
		return (int)n;
	for (char *name; (name = strsep(&rest, " \n"));)
		if (*name && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "-%s ", name);
	if (used >= sizeof(text))
		return -E2BIG;
	return used == 0 ? 0 : write_file_at(cgroup, "cgroup.subtree_control", text, used);
}

int subgroups_remove(int cgroup)
{
	struct stat st;

	/* kernfs counts the directories below; nearly always there are none. */
	if (fstat(cgroup, &st) < 0)
		return -errno;
	int err = st.st_nlink > 2 ? remove_below(cgroup) : 0;
	return err < 0 ? err : take_back(cgroup);
}

bool is_cgroup(const char *path)
{
	static const char hierarchy[] = "/sys/fs/cgroup/";

	return strncmp(path, hierarchy, sizeof(hierarchy) - 1) == 0;
}

/* Whoever is in it goes with its container: cgroup v2, "cgroup.kill" and "cgroup.events". */
static void end_processes(int cgroup)
{
	char text[256];
	int64_t deadline = now_ms() + END_MS;
	autoclose int fd = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd events = { .fd = fd, .events = POLLPRI };

	write_file_at(cgroup, "cgroup.kill", "1", 1);
	for (;;) {
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
		int64_t left = deadline - now_ms();
		if (n <= 0 || left <= 0)
			return;
		text[n] = '\0';
		if (!strstr(text, "populated 1"))
			return;
		poll(&events, 1, (int)left);
	}
}

int cgroup_remove_at(int parent, const char *name)
{
	autoclose int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;

	if (err == 0) {
		end_processes(fd);
		err = remove_below(fd);
	}
	if (err == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		err = -errno;
	return err == -ENOENT ? 0 : err; /* systemd removes it, too. */
}
