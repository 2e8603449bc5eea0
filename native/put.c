/*
 * `put [OPTION..] DIRECTORY`: the tar archive on standard input becomes files in a directory that
 * is there already. A file appears under its name when it is whole, a new directory when all of it
 * is.
 *
 *   --top NAME        the archive holds this one tree
 *   --confine         DIRECTORY is the root directory: no symlink below it leads elsewhere
 *   --overwrite       directories give way to other things, and other things to directories
 *   --whole           an archive without its end is one that was cut off
 *   --owner SPEC      everything belongs to this user of the root directory's passwd file
 *   --owner-root      everything belongs to root
 *   --squash-owners   there is but one id
 *   --record NAME     what stands for a file is called NAME, and the file that is open as descriptor
 *                     4 is told where; its lock is held
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/heir.h"
#include "lib/report.h"
#include "lib/util.h"
#include "put.h"
#include "remove.h"
#include "user.h"
#include "verbs.h"

static volatile sig_atomic_t stopped;
static int nothing; /* a descriptor at whose end reading is */

/* Whoever waits for more of the archive finds its end, and cleans up: signal-safety(7). */
static void stop(int sig)
{
	stopped = sig;
	dup2(nothing, STDIN_FILENO);
}

static int catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) /* No root directory has to have a /dev/null. */
		return report_failure("pipe2", errno, NULL);
	close(ends[1]);
	nothing = ends[0];
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* Only now: every change of ids has cleared it. */
	return 0;
}

static int take_owner(struct put *put, char *spec)
{
	int err = user_ids(spec, &put->x.uid, &put->x.gid);

	if (err < 0)
		return report_failure("user", -err, spec);
	put->x.chown = true;
	return 0;
}

#define RECORD 4 /* src/host/files.ts gives it to us as that */

/* Nobody else holds the lock: src/store/copies.ts looks at it once we are gone. */
static int take_record(struct put *put, const char *name)
{
	if (strlen(name) >= sizeof(put->x.staged) - strlen(".top"))
		return report_failure("put", ENAMETOOLONG, name);
	strcpy(put->x.staged, name);
	put->x.record = RECORD;
	put->x.record_at = lseek(RECORD, 0, SEEK_END);
	if (put->x.record_at < 0 || flock(RECORD, LOCK_EX | LOCK_NB) < 0 ||
	    fcntl(RECORD, F_SETFD, FD_CLOEXEC) < 0)
		return report_failure("put", errno, name);
	return 0;
}

/* How many words were taken, or -errno. */
static int take_option(struct put *put, int argc, char **argv)
{
	if (strcmp(argv[0], "--confine") == 0)
		return (put->confine = true);
	if (strcmp(argv[0], "--whole") == 0)
		return (put->whole = true);
	if (strcmp(argv[0], "--overwrite") == 0)
		return !(put->x.keep_kinds = false);
	if (strcmp(argv[0], "--owner-root") == 0)
		return (put->x.chown = true);
	if (strcmp(argv[0], "--squash-owners") == 0)
		return (put->x.squash_owners = true);
	if (argc > 1 && strcmp(argv[0], "--top") == 0) {
		put->top = argv[1];
		return 2;
	}
	if (argc > 1 && strcmp(argv[0], "--owner") == 0) {
		int err = take_owner(put, argv[1]);
		return err < 0 ? err : 2;
	}
	if (argc > 1 && strcmp(argv[0], "--record") == 0) {
		int err = take_record(put, argv[1]);
		return err < 0 ? err : 2;
	}
	return report_failure("put", EINVAL, argv[0]);
}

static int put_entry(struct put *put, const struct tar_entry *entry)
{
	char path[PATH_MAX], link_path[PATH_MAX] = "";
	int err = put_entry_path(put, entry->path, path);

	if (err == 0 && entry->type == TAR_HARDLINK)
		err = put_entry_path(put, entry->link, link_path);
	if (err == 0)
		err = extract_entry(&put->x, entry, path, link_path);
	return err < 0 ? report_failure("put", -err, entry->path) : 0;
}

static int put_all(struct put *put)
{
	struct tar_entry entry;
	int more;

	while ((more = tar_next(put->x.tar, &entry)) > 0) {
		int err = put_entry(put, &entry);
		if (err < 0)
			return err;
	}
	if (stopped)
		return report_failure("stopped", EINTR, NULL);
	if (more == 0 && put->whole && !tar_is_complete(put->x.tar))
		more = -ENODATA;
	return more < 0 ? report_failure("tar", -more, NULL) : extract_finish(&put->x);
}

/* In a container the path was found free of symlinks, and somebody may have put one there since. */
static int enter(const struct put *put, const char *directory)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = put->confine ? 0 : RESOLVE_NO_SYMLINKS,
	};
	autoclose int fd = (int)syscall(SYS_openat2, AT_FDCWD, directory, &how, sizeof(how));

	if (fd < 0 || fchdir(fd) < 0 || (put->confine && chroot(".") < 0))
		return -errno;
	return 0;
}

static struct put *new_put(void)
{
	struct put *put = mmap(NULL, sizeof(*put), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (put == MAP_FAILED)
		return NULL;
	snprintf(put->x.staged, sizeof(put->x.staged), ".tspod-cp.%d", (int)getpid());
	put->x.keep_kinds = true;
	return put;
}

static void leave(void *what)
{
	struct put *put = what;

	extract_abandon(&put->x);
	if (put->staged[0])
		remove_tree(AT_FDCWD, put->staged);
}

/* A SIGKILL leaves nothing, either. */
static int put_safely(struct put *put)
{
	int err = put_stage(put);
	pid_t heir = err < 0 ? err : heir_start(leave, put);

	if (heir < 0)
		return err < 0 ? err : report_failure("fork", -heir, NULL);
	err = put_all(put);
	if (err == 0)
		err = put_place(put);
	if (err < 0)
		leave(put);
	heir_dismiss(heir);
	return err;
}

int verb_put(int argc, char **argv)
{
	struct put *put = new_put();
	int at = 1, err = 0;

	if (!put)
		return report_failure("mmap", ENOMEM, NULL);
	for (; at < argc && argv[at][0] == '-' && err >= 0; at += err > 0 ? err : 0)
		err = take_option(put, argc - at, argv + at);
	if (err >= 0)
		err = argc == at + 1 ? catch_signals() : report_failure("put", EINVAL, "arguments");
	if (err < 0)
		return err;
	err = enter(put, argv[at]);
	if (err < 0)
		return report_failure("chdir", -err, argv[at]);
	umask(0);
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, 1 << 20); /* No matter when it is a file or a socket. */
	put->x.tar = tar_open(STDIN_FILENO);
	err = put->x.tar ? put_safely(put) : report_failure("malloc", ENOMEM, NULL);
	tar_close(put->x.tar);
	extract_free(&put->x);
	return err;
}
