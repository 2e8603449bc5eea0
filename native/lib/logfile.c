#include "lib/logfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/util.h"

/* bytes; a reader that is behind, or has stopped, must not fill the disk */
#define KEPT_FOR_READERS (256 << 20)

/* A file; or a device, which is not moved aside. What has readers would hold us up: fifo(7). */
static int check_kind(struct log *log)
{
	struct stat st;

	if (fstat(log->fd, &st) < 0)
		return -errno;
	if (S_ISCHR(st.st_mode))
		log->max_size = -1;
	else if (!S_ISREG(st.st_mode))
		return -ENXIO; /* As open(2) says where a pipe has no reader. */
	log->size = st.st_size;
	return 0;
}

static int open_current(struct log *log)
{
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

	log->fd = open(log->path, flags, 0600);
	if (log->fd < 0)
		return -errno;
	int err = check_kind(log);
	if (err < 0)
		drop_fd(&log->fd);
	return err;
}

/* The number behind the name of the log and a dot; 0: it is another file. */
static uint64_t number_of(const char *entry, const char *name)
{
	size_t len = strlen(name);
	uint64_t number;

	if (strncmp(entry, name, len) != 0 || entry[len] != '.' || entry[len + 1] == '0')
		return 0;
	return parse_number(entry + len + 1, 10, UINT32_MAX, &number) < 0 ? 0 : number;
}

/* Of the files that were put aside, from a number on: the oldest, 0 when there is none. */
static uint64_t find_numbers(const char *path, uint64_t from, uint64_t *newest)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	uint64_t found = 0;

	*newest = 0;
	if (!slash || (size_t)snprintf(folder, sizeof(folder), "%.*s/", (int)(slash - path),
				       path) >= sizeof(folder))
		return 0;
	DIR *dir = opendir(folder);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		uint64_t number = number_of(entry->d_name, slash + 1);
		if (number < from || number == 0)
			continue;
		found = found == 0 || number < found ? number : found;
		*newest = number > *newest ? number : *newest;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Without room for the note the next monitor leaves all that there is alone. */
static void note_numbers(const struct log *log, uint64_t last)
{
	char text[48];

	if (!log->is_elsewhere)
		return;
	snprintf(text, sizeof(text), "%lu-%lu", log->first, last);
	unlinkat(log->notes, "log.numbers", 0);
	(void)!symlinkat(text, log->notes, "log.numbers");
}

/* What is beside the log now is not ours. */
static void begin_numbers(struct log *log)
{
	find_numbers(log->path, 0, &log->rotations);
	log->oldest = log->first = log->rotations + 1;
	note_numbers(log, log->rotations);
}

/* Whether the numbers up to the newest are as they were noted. */
static bool read_numbers(struct log *log)
{
	char text[48];
	uint64_t last;
	ssize_t n = readlinkat(log->notes, "log.numbers", text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	char *dash = strchr(text, '-');
	if (!dash)
		return false;
	*dash = '\0';
	return parse_number(text, 10, UINT64_MAX, &log->first) == 0 &&
	       parse_number(dash + 1, 10, UINT64_MAX, &last) == 0 && log->rotations <= last;
}

int logfile_open(struct log *log)
{
	uint64_t newest;

	log->oldest = find_numbers(log->path, 0, &log->rotations);
	if (log->is_elsewhere && !read_numbers(log))
		begin_numbers(log);
	else if (log->is_elsewhere)
		log->oldest = find_numbers(log->path, log->first, &newest);
	if (log->oldest == 0)
		log->oldest = log->rotations + 1;
	return open_current(log);
}

static bool name_aside(char name[PATH_MAX], const struct log *log, uint64_t number)
{
	return snprintf(name, PATH_MAX, "%s.%lu", log->path, number) < PATH_MAX;
}

/* Whoever follows the log has locked the file that it is at: src/engine/logs/log-files.ts. */
static bool has_reader(const char *name)
{
	autoclose int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* All that are too many, but those from a reader's on: it is to lose no line. */
static void drop_oldest(struct log *log)
{
	char name[PATH_MAX];
	uint64_t spare = log->max_size > 0 ? KEPT_FOR_READERS / (uint64_t)log->max_size : 0;

	for (; log->oldest + log->max_files <= log->rotations + 1; log->oldest++) {
		uint64_t many = log->rotations + 1 - log->max_files - log->oldest;
		if (!name_aside(name, log, log->oldest) || (many < spare && has_reader(name)))
			return;
		unlink(name);
	}
}

/* Nothing is replaced: a number that somebody else has taken parts us from our older files. */
static int put_aside(struct log *log)
{
	char aside[PATH_MAX];

	for (;;) {
		if (!name_aside(aside, log, log->rotations + 1))
			return -ENAMETOOLONG;
		note_numbers(log, log->rotations + 1);
		if (renameat2(AT_FDCWD, log->path, AT_FDCWD, aside, RENAME_NOREPLACE) == 0 ||
		    (errno == EINVAL && access(aside, F_OK) < 0 && rename(log->path, aside) == 0))
			break;
		if (errno != EEXIST)
			return errno == ENOENT ? 0 : -errno;
		begin_numbers(log);
	}
	log->rotations++;
	return 0;
}

/* Numbers only grow: so a reader sees how many files it has missed. */
static int rotate(struct log *log)
{
	int err = put_aside(log);

	if (err < 0)
		return err;
	drop_fd(&log->fd);
	drop_oldest(log);
	return open_current(log);
}

/* Of what a full disk has left, only whole records stay. */
static void take_back(struct log *log, const char *records, size_t done)
{
	struct stat st;
	const char *newline = memrchr(records, '\n', done);
	size_t part = done - (newline ? (size_t)(newline + 1 - records) : 0);

	if (part > 0 && fstat(log->fd, &st) == 0 &&
	    ftruncate(log->fd, st.st_size - (off_t)part) == 0)
		log->size -= (int64_t)part;
}

static int append(struct log *log, const char *records, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(log->fd, records + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int err = -errno;
			take_back(log, records, done);
			return err;
		}
		done += (size_t)n;
		log->size += n;
	}
	return 0;
}

int logfile_append(struct log *log, const char *records, size_t len)
{
	/* After a rotation the disk may have had no room for a new file. */
	int err = log->fd < 0 ? open_current(log) : 0;

	if (err == 0 && log->max_size >= 0 && log->size > 0 &&
	    log->size + (int64_t)len > log->max_size)
		err = rotate(log);
	return err < 0 ? err : append(log, records, len);
}
