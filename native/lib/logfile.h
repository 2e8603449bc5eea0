/*
 * Log files of the drivers k8s-file and json-file: the one that is written, and older ones beside
 * it. For log.c.
 */
#ifndef TSPOD_LOGFILE_H
#define TSPOD_LOGFILE_H

#include "lib/log.h"

int logfile_open(struct log *log);

/*
 * Append records, as many of them as fit (else -errno). Before the file grows beyond its size it is
 * put aside.
 */
int logfile_append(struct log *log, const char *records, size_t len);

#endif
