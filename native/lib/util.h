/*
 * Small helpers that every part of the native program shares: scopes, files, numbers, times. Errors
 * come back as -errno.
 */
#ifndef TSPOD_UTIL_H
#define TSPOD_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void autoclose_end(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* `autoclose int fd = -1;` closes at the end of the scope; hand it on with take_fd(). */
#define autoclose __attribute__((cleanup(autoclose_end)))

static inline void autofree_end(void *p)
{
	free(*(void **)p);
}

/* `autofree char *text = NULL;` */
#define autofree __attribute__((cleanup(autofree_end)))

static inline int take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

/* Close and forget; harmless on -1. */
static inline void drop_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Write everything to a blocking descriptor. 0 or -errno. */
int write_all(int fd, const void *data, size_t len);

/* Read until the buffer is full or the file ends. Bytes read or -errno. */
ssize_t read_full(int fd, void *buf, size_t size);

/*
 * Read to the end of file, at most max bytes (else -EFBIG), into a NUL-terminated malloc'd buffer.
 */
int read_to_end(int fd, size_t max, char **text, size_t *len);

/*
 * Read a small file below dirfd into a NUL-terminated buffer. Its length or -errno (-EFBIG: no
 * room).
 */
ssize_t read_file_at(int dirfd, const char *name, char *buf, size_t size);

/*
 * Write one value to an existing file below dirfd. The kernel parses each write(2) to a cgroup or
 * sysctl file as one value, so a short write is an error here (cgroups(7)); the last component is
 * not followed when it is a symlink, since the container may own the directory (openat(2)).
 */
int write_file_at(int dirfd, const char *name, const char *data, size_t len);

/* Replace a file: a reader, or a crash at any point, sees the old text or the new. */
int replace_file_at(int dirfd, const char *name, const char *data, size_t len, bool durable);

/* Room for one replace_file_at() of up to 512 bytes, which then succeeds on a full disk, too. */
int reserve_file_at(int dirfd, const char *name);

/* Parse all of text as a number in this base, at most max. 0 or -EINVAL, -ERANGE. */
int parse_number(const char *text, int base, uint64_t max, uint64_t *value);

/* The same for decimals of 16 bits: ports, rows and columns. What is none leaves *value. */
int parse_uint16(const char *text, uint16_t *value);

/* RFC 3339 in UTC with nanoseconds and this suffix ("Z" or "+00:00"). */
#define TIME_SIZE 40
void format_time(char out[TIME_SIZE], const struct timespec *when, const char *zone);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t now_ms(void);

/*
 * Append text to a string in a buffer of this size, as JSON string content; what does not fit is
 * cut.
 */
void json_escape(char *out, size_t size, const char *text);

/* What it takes for all of a text of this length: each byte may need six. */
#define JSON_ESCAPED_SIZE(len) ((len) * 6 + 8)

#endif
