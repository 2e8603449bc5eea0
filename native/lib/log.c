#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/util.h"

/* One write(2) takes this much; with O_APPEND it is whole for a reader. */
#define BATCH 8192
/* Longer lines are cut; as JSON one byte becomes up to six (\u0001). */
#define PIECE_K8S 7168
#define PIECE_JSON 1024

struct batch {
	char text[BATCH];
	size_t used;
};

static const char *const stream_names[] = { [LOG_STDOUT] = "stdout", [LOG_STDERR] = "stderr" };

int log_open(struct log *log)
{
	struct stat st;

	log->fd = -1;
	if (log->driver == LOG_NONE)
		return 0;
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log->fd < 0)
		return -errno;
	log->size = fstat(log->fd, &st) == 0 ? st.st_size : 0;
	return 0;
}

void log_close(struct log *log)
{
	drop_fd(&log->fd);
}

/* The full file becomes PATH.1, in place of the one before it: at most two are on disk. */
static int rotate(struct log *log)
{
	char old[PATH_MAX];

	if (snprintf(old, sizeof(old), "%s.1", log->path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (rename(log->path, old) < 0 && errno != ENOENT)
		return -errno;
	log_close(log);
	return log_open(log);
}

static int flush(struct log *log, struct batch *batch)
{
	size_t len = batch->used;

	batch->used = 0;
	if (len == 0)
		return 0;
	if (log->max_size >= 0 && log->size > 0 && log->size + (int64_t)len > log->max_size) {
		int err = rotate(log);
		if (err < 0)
			return err;
	}
	int err = write_all(log->fd, batch->text, len);
	if (err == 0)
		log->size += (int64_t)len;
	return err;
}

/* Length of the valid UTF-8 sequence at p, or 0: RFC 3629. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : (*p & 0xf0) == 0xe0 ? 3 :
		   *p >= 0xf0 && *p < 0xf5 ? 4 : 0;

	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if (n == 3 && ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)))
		return 0;
	if (n == 4 && ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)))
		return 0;
	return n;
}

static void put(struct batch *batch, const void *text, size_t len)
{
	memcpy(batch->text + batch->used, text, len);
	batch->used += len;
}

static void put_json(struct batch *batch, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		const unsigned char *p = (const unsigned char *)text + i;
		size_t n = utf8_length(p, len - i);
		char escaped[8];

		if (n == 0) {
			put(batch, "\xef\xbf\xbd", 3); /* U+FFFD for a byte that is no text */
			n = 1;
		} else if (*p == '"' || *p == '\\') {
			put(batch, escaped, (size_t)snprintf(escaped, sizeof(escaped), "\\%c", *p));
		} else if (*p < 0x20) {
			put(batch, escaped, (size_t)snprintf(escaped, sizeof(escaped), "\\u%04x", *p));
		} else {
			put(batch, p, n);
		}
		i += n;
	}
}

static void put_piece(struct log *log, struct batch *batch, enum log_stream stream,
		      const char *when, const char *text, size_t len, bool whole)
{
	char head[TIME_SIZE + 16];

	if (log->driver == LOG_K8S_FILE) {
		put(batch, head, (size_t)snprintf(head, sizeof(head), "%s %s %c ", when,
						  stream_names[stream], whole ? 'F' : 'P'));
		put(batch, text, len);
		put(batch, "\n", 1);
		return;
	}
	put(batch, "{\"log\":\"", 8);
	put_json(batch, text, len);
	if (whole)
		put(batch, "\\n", 2);
	put(batch, "\",\"stream\":\"", 12);
	put(batch, stream_names[stream], 6);
	put(batch, "\",\"time\":\"", 10);
	put(batch, when, strlen(when));
	put(batch, "\"}\n", 3);
}

int log_write(struct log *log, enum log_stream stream, const char *data, size_t len)
{
	struct batch batch;
	struct timespec now;
	char when[TIME_SIZE];
	bool k8s = log->driver == LOG_K8S_FILE;
	size_t most = k8s ? PIECE_K8S : PIECE_JSON;
	int err = 0;

	if (log->driver == LOG_NONE || log->fd < 0)
		return 0;
	batch.used = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	format_time(when, &now, k8s ? "+00:00" : "Z");
	while (len > 0 && err == 0) {
		const char *newline = memchr(data, '\n', len);
		size_t line = newline ? (size_t)(newline - data) : len;
		size_t piece = line > most ? most : line;
		bool whole = newline && piece == line;

		if (batch.used + piece * (k8s ? 1 : 6) + 128 > BATCH)
			err = flush(log, &batch);
		put_piece(log, &batch, stream, when, data, piece, whole);
		data += piece + whole;
		len -= piece + whole;
	}
	int last = flush(log, &batch);
	return err < 0 ? err : last;
}
