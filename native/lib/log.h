/*
 * What init wrote, line by line, in the form of the log driver.
 * k8s-file: `2026-11-20T10:00:00.000000000+00:00 stdout F text`, P for a piece of a line.
 * json-file: `{"log":"text\n","stream":"stdout","time":"2026-11-20T10:00:00.000000000Z"}`.
 * journald: an entry a line, as journal.c says.
 */
#ifndef TSPOD_LOG_H
#define TSPOD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_driver { LOG_NONE, LOG_K8S_FILE, LOG_JSON_FILE, LOG_JOURNALD };
enum log_stream { LOG_STDOUT, LOG_STDERR };

struct log {
	enum log_driver driver;
	const char *path; /* of the file, or of the journal's socket */
	/* bytes; a file that would grow beyond becomes PATH.1, the next PATH.2; -1 is never */
	int64_t max_size;
	uint64_t max_files; /* so many of them are kept, with the one that is written; at least 2 */
	const char *id, *name, *tag; /* what the journal notes with each line */
	int fd;
	int64_t size;
	uint64_t rotations; /* the number of the last file that was put aside */
	uint64_t oldest; /* no file before this number is there */
	/*
	 * Where others have files beside the log, those from this number on are ours. It is noted in
	 * the directory `notes` with the last one: `log.numbers` -> `7-12`.
	 */
	bool is_elsewhere;
	int notes;
	uint64_t first;
	struct {
		char bytes[4];
		size_t len;
	} cut[2]; /* json-file: the beginning of a character whose rest has not come */
	struct {
		enum log_stream stream;
		char *data; /* NULL: nothing */
		size_t start, len;
	} held; /* journald: what it had no room for */
	char *labels; /* journald: the fields that every entry has */
};

/* Open for appending. 0 or -errno. Needs driver, path, max_size, and what the driver needs. */
int log_open(struct log *log);

/*
 * Write a chunk of output. 0 or -errno (-ENOSPC: it is lost, the container goes on). The journal
 * may have no room: then the rest is held, and log_holds() until log_resume() has got rid of it.
 */
int log_write(struct log *log, enum log_stream stream, const char *data, size_t len);
bool log_holds(const struct log *log);
int log_resume(struct log *log);

/* Nothing more of a journal that has no room; what was held is lost. */
void log_give_up(struct log *log);

/* No more of this run of init will come. */
void log_end(struct log *log);

/* Afterwards a reader finds all that was written. */
void log_close(struct log *log);

#endif
