#include "lib/tarparts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SPLICE_MAX (1 << 30)

ssize_t tar_fill(struct tar_reader *r, size_t want)
{
	if (r->end - r->start < want && r->start > 0) {
		memmove(r->buffer, r->buffer + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	while (r->end - r->start < want) {
		ssize_t n = read(r->fd, r->buffer + r->end, sizeof(r->buffer) - r->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		r->end += (size_t)n;
	}
	return (ssize_t)(r->end - r->start);
}

int tar_skip(struct tar_reader *r, uint64_t count)
{
	while (count > 0) {
		ssize_t n = tar_fill(r, 1);
		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		size_t take = (uint64_t)n < count ? (size_t)n : (size_t)count;
		r->start += take;
		count -= take;
	}
	return 0;
}

int tar_drain(struct tar_reader *r)
{
	ssize_t n;
	while ((n = tar_fill(r, 1)) > 0)
		r->start = r->end;
	return (int)n;
}

ssize_t tar_data(struct tar_reader *r, uint64_t max, const void **data)
{
	if (max > r->left)
		max = r->left;
	if (max == 0)
		return 0;
	ssize_t n = tar_fill(r, 1);
	if (n <= 0)
		return n < 0 ? n : -ENODATA;
	if ((uint64_t)n > max)
		n = (ssize_t)max;
	*data = r->buffer + r->start;
	r->start += (size_t)n;
	r->left -= (uint64_t)n;
	return n;
}

int64_t tar_splice(struct tar_reader *r, uint64_t max, int fd)
{
	ssize_t n;

	if (max > r->left)
		max = r->left;
	if (max == 0 || r->no_splice || r->end > r->start)
		return 0;
	do
		n = splice(r->fd, NULL, fd, NULL, max < SPLICE_MAX ? (size_t)max : SPLICE_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EINVAL) {
		r->no_splice = true;
		return 0;
	}
	if (n <= 0)
		return n < 0 ? -errno : -ENODATA;
	r->left -= (uint64_t)n;
	return n;
}

int tar_read_block(struct tar_reader *r, void *block)
{
	ssize_t n = tar_fill(r, BLOCK);
	if (n <= 0)
		return (int)n;
	if (n < BLOCK)
		return -ENODATA;
	memcpy(block, r->buffer + r->start, BLOCK);
	r->start += BLOCK;
	return 1;
}
