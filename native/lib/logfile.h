/* Log files of the drivers k8s-file and json-file; log.h says what they look like. For log.c. */
#ifndef TSPOD_LOGFILE_H
#define TSPOD_LOGFILE_H

#include "lib/log.h"

int logfile_open(struct log *log);
int logfile_write(struct log *log, enum log_stream stream, const char *data, size_t len);

/* What was cut in a character is no text after all. */
void logfile_end(struct log *log);

#endif
