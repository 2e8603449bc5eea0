#include "lib/logrecord.h"

#include <stdio.h>
#include <string.h>

#include "lib/logfile.h"
#include "lib/utf8.h"
#include "lib/util.h"

/* Longer lines are cut; as JSON one byte becomes up to six (\u0001). */
#define PIECE_MAX 8000
#define ESCAPED_MAX 6

/* One write(2) takes as much as this; with O_APPEND it is whole for a reader. */
static struct batch {
	char text[64 * 1024];
	size_t used, limit;
} batch;

/* What is around the text of each record of one batch. */
struct wrap {
	char head[TIME_SIZE + 16], tail[TIME_SIZE + 48];
	size_t head_len, tail_len;
};

/* A line or a piece of one: what was held back of it, and what came now. */
struct piece {
	const char *head, *text;
	size_t head_len, len;
	bool whole;
};

static const char *const stream_names[] = { [LOG_STDOUT] = "stdout", [LOG_STDERR] = "stderr" };

static void begin(const struct log *log)
{
	bool small = log->max_size >= 0 && log->max_size < (int64_t)sizeof(batch.text);

	batch.used = 0;
	batch.limit = small ? (size_t)log->max_size : sizeof(batch.text);
}

static int flush(struct log *log)
{
	size_t len = batch.used;

	batch.used = 0;
	return len > 0 ? logfile_append(log, batch.text, len) : 0;
}

static void put(const void *text, size_t len)
{
	if (len > 0)
		memcpy(batch.text + batch.used, text, len);
	batch.used += len;
}

/* ASCII that JSON takes as it is. A plain char has a sign on some machines only. */
static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static size_t plain_run(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_plain((unsigned char)text[n]))
		n++;
	return n;
}

static void put_json(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = plain_run(text + i, len - i);
		char escaped[8];

		put(text + i, n);
		i += n;
		if (i == len)
			return;
		unsigned char byte = (unsigned char)text[i];
		n = utf8_length(text + i, len - i);
		if (n == 0)
			put("\xef\xbf\xbd", 3); /* U+FFFD for a byte that is no text */
		else if (byte == '"' || byte == '\\')
			put(byte == '"' ? "\\\"" : "\\\\", 2);
		else if (byte < 0x20)
			put(escaped, (size_t)snprintf(escaped, sizeof(escaped), "\\u%04x", byte));
		else
			put(text + i, n);
		i += n > 0 ? n : 1;
	}
}

static struct wrap make_wrap(const struct log *log, enum log_stream stream)
{
	struct wrap wrap = { 0 };
	struct timespec now;
	char when[TIME_SIZE];
	bool k8s = log->driver == LOG_K8S_FILE;

	clock_gettime(CLOCK_REALTIME, &now);
	format_time(when, &now, k8s ? "+00:00" : "Z");
	if (k8s) {
		wrap.head_len = (size_t)snprintf(wrap.head, sizeof(wrap.head), "%s %s F ", when,
						 stream_names[stream]);
		return wrap;
	}
	wrap.head_len = (size_t)snprintf(wrap.head, sizeof(wrap.head), "{\"log\":\"");
	wrap.tail_len = (size_t)snprintf(wrap.tail, sizeof(wrap.tail),
					 "\",\"stream\":\"%s\",\"time\":\"%s\"}\n",
					 stream_names[stream], when);
	return wrap;
}

static void put_piece(enum log_driver driver, const struct wrap *wrap, const struct piece *piece)
{
	put(wrap->head, wrap->head_len);
	if (driver == LOG_K8S_FILE) {
		if (!piece->whole)
			batch.text[batch.used - 2] = 'P';
		put(piece->text, piece->len);
		put("\n", 1);
		return;
	}
	put_json(piece->head, piece->head_len);
	put_json(piece->text, piece->len);
	if (piece->whole)
		put("\\n", 2);
	put(wrap->tail, wrap->tail_len);
}

/* The most that it may take. */
static size_t room_for(const struct log *log, const struct wrap *wrap, const struct piece *piece)
{
	size_t each = log->driver == LOG_K8S_FILE ? 1 : ESCAPED_MAX;

	return wrap->head_len + (piece->head_len + piece->len) * each + 2 + wrap->tail_len;
}

/* The next piece of what is left. JSON has characters, not bytes: none is cut in two. */
static struct piece next_piece(const struct log *log, const char *data, size_t len)
{
	const char *newline = memchr(data, '\n', len < PIECE_MAX + 1 ? len : PIECE_MAX + 1);
	size_t line = newline ? (size_t)(newline - data) : len > PIECE_MAX ? PIECE_MAX : len;

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
		if (utf8_length(bytes, *have + 1) == 0 &&
		    utf8_unfinished(bytes, *have + 1) != *have + 1)
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

int logrecord_write(struct log *log, enum log_stream stream, const char *data, size_t len)
{
	char *cut = log->cut[stream].bytes;
	size_t *cut_len = &log->cut[stream].len;
	struct wrap wrap = make_wrap(log, stream);
	int err = 0;

	begin(log);
	size_t done = complete_cut(log, stream, data, len);
	while (err == 0 && (done < len || cut_is_complete(log, stream))) {
		struct piece piece = next_piece(log, data + done, len - done);
		if (piece.len == 0 && !piece.whole && *cut_len == 0)
			break; /* What is left is the beginning of a character. */
		piece.head = cut;
		piece.head_len = *cut_len;
		*cut_len = 0;
		if (batch.used + room_for(log, &wrap, &piece) > batch.limit)
			err = flush(log);
		put_piece(log->driver, &wrap, &piece);
		done += piece.len + piece.whole;
	}
	if (err == 0 && done < len) {
		memcpy(cut, data + done, len - done);
		*cut_len = len - done;
	}
	int last = flush(log);
	return err < 0 ? err : last;
}

void logrecord_end(struct log *log)
{
	for (enum log_stream stream = LOG_STDOUT; stream <= LOG_STDERR; stream++) {
		struct wrap wrap = make_wrap(log, stream);
		struct piece piece = { .head = log->cut[stream].bytes,
				       .head_len = log->cut[stream].len };

		if (piece.head_len == 0)
			continue;
		begin(log);
		put_piece(log->driver, &wrap, &piece);
		flush(log);
		log->cut[stream].len = 0;
	}
}
