/* Records of the drivers k8s-file and json-file; log.h says what they look like. For log.c. */
#ifndef TSPOD_LOGRECORD_H
#define TSPOD_LOGRECORD_H

#include "lib/log.h"

int logrecord_write(struct log *log, enum log_stream stream, const char *data, size_t len);

/* What was cut in a character is no text after all. */
void logrecord_end(struct log *log);

#endif
