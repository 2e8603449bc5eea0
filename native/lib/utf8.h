/* UTF-8 as RFC 3629 has it, in output that may be anything. */
#ifndef TSPOD_UTF8_H
#define TSPOD_UTF8_H

#include <stddef.h>

/* Length of the valid sequence at the beginning of text, or 0. */
size_t utf8_length(const char *text, size_t len);

/*
 * How many bytes at the end of text are the beginning of a sequence whose rest may yet come: 0 to
 * 3.
 */
size_t utf8_unfinished(const char *text, size_t len);

#endif
