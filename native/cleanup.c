#include "cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "event.h"
#include "failpoint.h"
#include "lib/path.h"
#include "lib/util.h"
#include "remove.h"
#include "root.h"

/* `PARENT/.removing-NAME`: one rename takes it out of every list; a sweep knows the name. */
static int aside_path(const char *path, char aside[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (!slash || !slash[1])
		return -EINVAL;
	int n = snprintf(aside, PATH_MAX, "%.*s/.removing-%s", (int)(slash - path), path,
			 slash + 1);
	return n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int set_aside(const char *path)
{
	char aside[PATH_MAX];
	int err = aside_path(path, aside);

	return err < 0 ? err : rename(path, aside) < 0 ? -errno : 0;
}

/* The directories, the name, the file with the id or nothing, then those of anonymous volumes. */
enum { STATE, RUN, NAME, CIDFILE, FIRST_VOLUME };

/*
 * Whether another container has the volume: a link to one that is still there, as
 * src/store/volume-borrowers.ts makes it.
 */
static bool is_borrowed(const char *volume)
{
	char path[PATH_MAX];
	bool found = false;

	if (snprintf(path, sizeof(path), "%s/borrowers", volume) >= (int)sizeof(path))
		return false;
	DIR *dir = opendir(path);
	for (struct dirent *entry; dir && !found && (entry = readdir(dir));)
		found = entry->d_name[0] != '.' &&
			faccessat(dirfd(dir), entry->d_name, F_OK, 0) == 0;
	if (dir)
		closedir(dir);
	return found;
}

static void record_removal(const struct monitor *m, const struct op *op)
{
	event_record(m, "remove");
	for (unsigned i = FIRST_VOLUME; i < op->argc; i++) {
		if (access(op->argv[i], F_OK) == 0)
			continue; /* It stays. */
		const char *slash = strrchr(op->argv[i], '/');
		event_record_volume(m, slash ? slash + 1 : op->argv[i]);
	}
}

/*
 * The volumes go out of sight first: what is left of a container without them is removed by a
 * sweep.
 */
static int set_volumes_aside(const struct op *op)
{
	int err = 0;

	for (unsigned i = FIRST_VOLUME; i < op->argc; i++) {
		int one = is_borrowed(op->argv[i]) ? 0 : set_aside(op->argv[i]);
		err = err < 0 || one == -ENOENT ? err : one;
	}
	return err;
}

static int remove_aside(const char *path)
{
	char aside[PATH_MAX];
	int err = aside_path(path, aside);

	return err < 0 ? err : remove_tree(AT_FDCWD, aside);
}

/*
 * Free the name unless it is another's by now. Who removes one has this lock: src/store/names.ts.
 */
static int release_name(const char *path, const char *state)
{
	char parent[PATH_MAX], name[256], link[128];
	int err = path_split(path, parent, name);

	if (err < 0)
		return err;
	autoclose int dir = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || flock(dir, LOCK_EX) < 0)
		return -errno;
	ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);
	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	link[n] = '\0';
	const char *holder = strrchr(link, '/'), *own = strrchr(state, '/');
	if (!holder || !own || strcmp(holder, own) != 0)
		return 0;
	return unlinkat(dir, name, 0) < 0 ? -errno : 0;
}

/* The container may have it mounted: whatever it is by now, it is neither followed nor waited for. */
static int remove_cidfile(const char *path, const char *state)
{
	char id[128];
	const char *own = strrchr(state, '/');
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	ssize_t n = fd < 0 || !own ? -1 : read(fd, id, sizeof(id) - 1);
	if (n < 0)
		return 0;
	id[n] = '\0';
	return strcmp(id, own + 1) == 0 && unlink(path) < 0 ? -errno : 0;
}

static int remove_part(const struct op *op, unsigned i)
{
	switch (i) {
	case RUN: return remove_tree(AT_FDCWD, op->argv[i]);
	case NAME: return release_name(op->argv[i], op->argv[STATE]);
	case CIDFILE: return remove_cidfile(op->argv[i], op->argv[STATE]);
	default: return remove_aside(op->argv[i]);
	}
}

int cleanup(struct monitor *m)
{
	const struct op *op = m->set.remove;

	if (!op)
		return 0;
	int err = set_volumes_aside(op);
	int one = op->argc > STATE ? set_aside(op->argv[STATE]) : 0;
	err = err < 0 ? err : one;
	root_unmount(m); /* Whoever reads what is in it finds by then that the container is gone. */
	failpoint(FAIL_DURING_REMOVE);
	for (unsigned i = RUN; i < op->argc; i++) {
		one = remove_part(op, i);
		err = err < 0 ? err : one;
	}
	/* Last, since it tells a sweep of the others if we are killed. */
	one = op->argc > STATE ? remove_aside(op->argv[STATE]) : 0;
	err = err < 0 ? err : one;
	record_removal(m, op);
	return err;
}
