#include "lib/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/utf8.h"
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

/* A line or a piece of one: what was held back of it, and what came now. */
struct piece {
	const char *head, *text;
	size_t head_len, len;
	bool whole;
};

static const char *const stream_names[] = { [LOG_STDOUT] = "stdout", [LOG_STDERR] = "stderr" };

int logfile_open(struct log *log)
{
	struct stat st;

	log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log->fd < 0)
		return -errno;
	log->size = fstat(log->fd, &st) == 0 ? st.st_size : 0;
	return 0;
}

/* The full file becomes PATH.1, in place of the one before it: at most two are on disk. */
static int rotate(struct log *log)
{
	char old[PATH_MAX];

	if (snprintf(old, sizeof(old), "%s.1", log->path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (rename(log->path, old) < 0 && errno != ENOENT)
		return -errno;
	drop_fd(&log->fd);
	return logfile_open(log);
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

static void put(struct batch *batch, const void *text, size_t len)
{
	if (len > 0)
		memcpy(batch->text + batch->used, text, len);
	batch->used += len;
}

static void put_json(struct batch *batch, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		const unsigned char *p = (const unsigned char *)text + i;
		size_t n = utf8_length(text + i, len - i);
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

static void put_piece(struct batch *batch, enum log_driver driver, enum log_stream stream, const char *when,
		      const struct piece *piece)
{
	char head[TIME_SIZE + 16];

	if (driver == LOG_K8S_FILE) {
		put(batch, head, (size_t)snprintf(head, sizeof(head), "%s %s %c ", when,
						  stream_names[stream], piece->whole ? 'F' : 'P'));
		put(batch, piece->text, piece->len);
		put(batch, "\n", 1);
		return;
	}
	put(batch, "{\"log\":\"", 8);
	put_json(batch, piece->head, piece->head_len);
	put_json(batch, piece->text, piece->len);
	if (piece->whole)
		put(batch, "\\n", 2);
	put(batch, "\",\"stream\":\"", 12);
	put(batch, stream_names[stream], 6);
	put(batch, "\",\"time\":\"", 10);
	put(batch, when, strlen(when));
	put(batch, "\"}\n", 3);
}

/* The next piece of what is left. JSON has characters, not bytes: none is cut in two. */
static struct piece next_piece(const struct log *log, const char *data, size_t len)
{
	size_t most = log->driver == LOG_K8S_FILE ? PIECE_K8S : PIECE_JSON;
	const char *newline = memchr(data, '\n', len < most + 1 ? len : most + 1);
	size_t line = newline ? (size_t)(newline - data) : len > most ? most : len;

	if (!newline && log->driver == LOG_JSON_FILE)
		line -= utf8_unfinished(data, line);
	return (struct piece){ .text = data, .len = line, .whole = newline != NULL };
}

/* The rest of a character that was cut between two reads, as far as it is here. */
static size_t complete_cut(struct log *log, enum log_stream stream, const char *data, size_t len)
{
	char *bytes = log->cut[stream].bytes;
	size_t *have = &log->cut[stream].len, taken = 0;

	while (*have > 0 && taken < len && utf8_unfinished(bytes, *have) == *have) {
		bytes[*have] = data[taken];
		if (utf8_length(bytes, *have + 1) == 0 && utf8_unfinished(bytes, *have + 1) != *have + 1)
			break; /* They are no character together. */
		++*have;
		taken++;
	}
	return taken;
}

static bool cut_is_complete(const struct log *log, enum log_stream stream)
{
	size_t have = log->cut[stream].len;

	return have > 0 && utf8_unfinished(log->cut[stream].bytes, have) != have;
}

int logfile_write(struct log *log, enum log_stream stream, const char *data, size_t len)
{
	struct batch batch;
	struct timespec now;
	char when[TIME_SIZE];
	bool k8s = log->driver == LOG_K8S_FILE;
	char *cut = log->cut[stream].bytes;
	size_t *cut_len = &log->cut[stream].len;
	int err = 0;

	batch.used = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	format_time(when, &now, k8s ? "+00:00" : "Z");
	size_t done = complete_cut(log, stream, data, len);
	while (err == 0 && (done < len || cut_is_complete(log, stream))) {
		struct piece piece = next_piece(log, data + done, len - done);
		if (piece.len == 0 && !piece.whole && *cut_len == 0)
			break; /* What is left is the beginning of a character. */
		piece.head = cut;
		piece.head_len = *cut_len;
		*cut_len = 0;
		if (batch.used + (piece.len + 4) * (k8s ? 1 : 6) + 128 > BATCH)
			err = flush(log, &batch);
		put_piece(&batch, log->driver, stream, when, &piece);
		done += piece.len + piece.whole;
	}
	if (err == 0 && done < len) {
		memcpy(cut, data + done, len - done);
		*cut_len = len - done;
	}
	int last = flush(log, &batch);
	return err < 0 ? err : last;
}

void logfile_end(struct log *log)
{
	for (enum log_stream stream = LOG_STDOUT; stream <= LOG_STDERR; stream++) {
		struct timespec now;
		char when[TIME_SIZE];
		struct batch batch = { .used = 0 };
		struct piece piece = { .head = log->cut[stream].bytes, .head_len = log->cut[stream].len };

		if (piece.head_len == 0)
			continue;
		clock_gettime(CLOCK_REALTIME, &now);
		format_time(when, &now, "Z");
		put_piece(&batch, log->driver, stream, when, &piece);
		flush(log, &batch);
		log->cut[stream].len = 0;
	}
}
