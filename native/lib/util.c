#include "lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t read_full(int fd, void *buf, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, (char *)buf + used, size - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

int read_to_end(int fd, size_t max, char **text, size_t *len)
{
	size_t size = 16384, used = 0;
	autofree char *buf = malloc(size);

	if (!buf)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, buf + used, size - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		used += (size_t)n;
		if (n == 0)
			break;
		if (used > max)
			return -EFBIG;
		if (used + 1 < size)
			continue;
		size *= 2;
		char *bigger = realloc(buf, size);
		if (!bigger)
			return -ENOMEM;
		buf = bigger;
	}
	buf[used] = '\0';
	*text = buf;
	*len = used;
	buf = NULL;
	return 0;
}

ssize_t read_file_at(int dirfd, const char *name, char *buf, size_t size)
{
	autoclose int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;

	ssize_t len = read_full(fd, buf, size);
	if (len < 0)
		return len;
	if ((size_t)len == size)
		return -EFBIG;
	buf[len] = '\0';
	return len;
}

int write_file_at(int dirfd, const char *name, const char *data, size_t len)
{
	autoclose int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;

	ssize_t n = write(fd, data, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

/* The file beside `name` that takes its place when it is whole. */
static int open_staged(int dirfd, const char *name, char staged[NAME_MAX + 1])
{
	if (snprintf(staged, NAME_MAX + 1, ".%s.new", name) > NAME_MAX)
		return -ENAMETOOLONG;
	int fd = openat(dirfd, staged, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

int reserve_file_at(int dirfd, const char *name)
{
	char staged[NAME_MAX + 1], blanks[512];
	autoclose int fd = open_staged(dirfd, name, staged);

	if (fd < 0)
		return fd;
	/* Bytes, and not fallocate(2), which not every file system has. */
	memset(blanks, ' ', sizeof(blanks));
	return write_all(fd, blanks, sizeof(blanks));
}

int replace_file_at(int dirfd, const char *name, const char *data, size_t len, bool durable)
{
	char staged[NAME_MAX + 1];
	/* Written over, not truncated first: the room that was reserved stays. */
	autoclose int fd = open_staged(dirfd, name, staged);

	if (fd < 0)
		return fd;

	int err = write_all(fd, data, len);
	if (err == 0 && ftruncate(fd, (off_t)len) < 0)
		err = -errno;
	if (err == 0 && durable && fsync(fd) < 0)
		err = -errno;
	if (err == 0 && renameat(dirfd, staged, dirfd, name) < 0)
		err = -errno;
	if (err < 0) {
		unlinkat(dirfd, staged, 0);
		return err;
	}
	if (!durable)
		return 0;
	autoclose int dir = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir >= 0 && fsync(dir) == 0 ? 0 : -errno;
}

int parse_number(const char *text, int base, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	if (*text == '\0')
		return -EINVAL;
	for (; *text != '\0'; text++) {
		int digit = *text >= '0' && *text <= '9' ? *text - '0' :
			    *text >= 'a' && *text <= 'f' ? *text - 'a' + 10 : 99;
		if (digit >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(sum, (uint64_t)base, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)digit, &sum) || sum > max)
			return -ERANGE;
	}
	*value = sum;
	return 0;
}

int parse_uint16(const char *text, uint16_t *value)
{
	uint64_t number;
	int err = parse_number(text, 10, UINT16_MAX, &number);

	if (err == 0)
		*value = (uint16_t)number;
	return err;
}

/*
 * Days since 1970 to a date, without gmtime(3), which would read /etc/localtime (H. Hinnant,
 * civil_from_days).
 */
static void civil_date(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

void format_time(char out[TIME_SIZE], const struct timespec *when, const char *zone)
{
	int year, month, day, second = (int)(when->tv_sec % 86400);

	civil_date(when->tv_sec / 86400, &year, &month, &day);
	snprintf(out, TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%09ld%s", year, month, day,
		 second / 3600, second / 60 % 60, second % 60, when->tv_nsec, zone);
}

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void json_escape(char *out, size_t size, const char *text)
{
	size_t used = strlen(out);

	for (; *text != '\0' && used + 7 < size; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\') {
			out[used++] = '\\';
			out[used++] = (char)c;
		} else if (c < 0x20) {
			used += (size_t)snprintf(out + used, 7, "\\u%04x", c);
		} else {
			out[used++] = (char)c;
		}
	}
	out[used] = '\0';
}
