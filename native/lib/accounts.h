/*
 * Files of passwd(5)'s and group(5)'s form below a root directory: whoever filled that may have
 * written them.
 */
#ifndef TSPOD_ACCOUNTS_H
#define TSPOD_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

/* Called with the fields of each line, split at colons; returns 1 to stop. */
typedef int accounts_fn(void *arg, char **fields, unsigned count);

/* Go through a file's lines; one that is absent or masked has none. 0 or -errno. */
int accounts_each(int root, const char *path, accounts_fn *fn, void *arg);

/* A user or group id in decimal; false when the text is none. */
bool accounts_parse_id(const char *text, uint32_t *id);

/*
 * Append a line, unless the file has one with the same id, the third field. A root that cannot be
 * written keeps what it has. 0 or -errno.
 */
int accounts_add_line(int root, const char *path, const char *line);

#endif
