#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tarwriteparts.h"

/* `LENGTH KEY=VALUE\n`, LENGTH in decimal counting all of it: pax(1). */
static int add_record(struct tar_writer *w, const char *prefix, const char *key, const void *value,
		      size_t size)
{
	size_t body = strlen(prefix) + strlen(key) + size + 3, digits = 1;

	for (size_t total = body + digits; total >= 10; total /= 10)
		digits++;
	if (snprintf(NULL, 0, "%zu", body + digits) > (int)digits)
		digits++;
	size_t len = body + digits;
	if (w->pax_len + len + 1 > w->pax_room) {
		size_t room = (w->pax_len + len + 1) * 2;
		char *grown = realloc(w->pax, room);
		if (!grown)
			return -ENOMEM;
		w->pax = grown;
		w->pax_room = room;
	}
	char *at = w->pax + w->pax_len;
	int n = sprintf(at, "%zu %s%s=", len, prefix, key);
	memcpy(at + n, value, size);
	at[len - 1] = '\n';
	w->pax_len += len;
	return 0;
}

static int add_text(struct tar_writer *w, const char *key, const char *text)
{
	return add_record(w, "", key, text, strlen(text));
}

static int add_number(struct tar_writer *w, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return add_text(w, key, text);
}

/* A time before the epoch is a negative decimal number: -0.5 is tv_sec -1 with half a second. */
static int add_time(struct tar_writer *w, const struct timespec *time)
{
	char text[48];
	long long seconds = time->tv_sec;
	long nanoseconds = time->tv_nsec;

	if (seconds < 0 && nanoseconds > 0) {
		seconds++;
		nanoseconds = 1000000000 - nanoseconds;
	}
	snprintf(text, sizeof(text), "%s%lld.%09ld", seconds == 0 && time->tv_sec < 0 ? "-" : "",
		 seconds, nanoseconds);
	return add_text(w, "mtime", text);
}

static int add_sparse(struct tar_writer *w, const struct tar_entry *entry)
{
	int err = add_text(w, "GNU.sparse.major", "1");

	if (err == 0)
		err = add_text(w, "GNU.sparse.minor", "0");
	if (err == 0)
		err = add_text(w, "GNU.sparse.name", entry->path);
	return err < 0 ? err : add_number(w, "GNU.sparse.realsize", entry->size);
}

int tar_collect_records(struct tar_writer *w, const struct tar_entry *entry, uint64_t size,
			bool precise)
{
	int err = 0;

	w->pax_len = 0;
	if (strlen(entry->path) > 100)
		err = add_text(w, "path", entry->path);
	if (err == 0 && entry->link && strlen(entry->link) > 100)
		err = add_text(w, "linkpath", entry->link);
	if (err == 0 && entry->uid > ID_MAX)
		err = add_number(w, "uid", (uint64_t)entry->uid);
	if (err == 0 && entry->gid > ID_MAX)
		err = add_number(w, "gid", (uint64_t)entry->gid);
	if (err == 0 && size > SIZE_MAX_USTAR)
		err = add_number(w, "size", size);
	if (err == 0 &&
	    (precise || entry->mtime.tv_sec < 0 || entry->mtime.tv_sec > SIZE_MAX_USTAR))
		err = add_time(w, &entry->mtime);
	if (err == 0 && entry->sparse)
		err = add_sparse(w, entry);
	for (size_t i = 0; err == 0 && i < entry->xattr_count; i++)
		err = add_record(w, "SCHILY.xattr.", entry->xattrs[i].name, entry->xattrs[i].value,
				 entry->xattrs[i].size);
	return err;
}
