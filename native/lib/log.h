/*
 * Log files of containers: what init wrote, line by line, in the form of the log driver.
 * k8s-file: `2026-11-20T10:00:00.000000000+00:00 stdout F text`, P for a piece of a line.
 * json-file: `{"log":"text\n","stream":"stdout","time":"2026-11-20T10:00:00.000000000Z"}`.
 */
#ifndef TSPOD_LOG_H
#define TSPOD_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_driver { LOG_NONE, LOG_K8S_FILE, LOG_JSON_FILE };
enum log_stream { LOG_STDOUT, LOG_STDERR };

struct log {
	enum log_driver driver;
	const char *path;
	int64_t max_size; /* bytes; a file that would grow beyond becomes PATH.1; -1 is never */
	int fd;
	int64_t size;
};

/* Open for appending. 0 or -errno. Needs driver, path and max_size. */
int log_open(struct log *log);

/* Write a chunk of output. 0 or -errno (-ENOSPC: the line is lost, the container goes on). */
int log_write(struct log *log, enum log_stream stream, const char *data, size_t len);

void log_close(struct log *log);

#endif
