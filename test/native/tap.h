/*
 * The Test Anything Protocol for the tests in C: `ok(EXPRESSION, "what the user sees")`, and
 * `return done();` from main. test/support/native-tests.ts compiles NAME.test.c with the native
 * program's files (all but main.c) and reads the lines.
 */
#ifndef TSPOD_TAP_H
#define TSPOD_TAP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int tap_count, tap_failed;

__attribute__((unused)) static int tap_line(int passed, const char *sentence, const char *where,
					    int line)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_count, sentence);
	if (!passed) {
		printf("# at %s:%d: %s\n", where, line, strerror(errno));
		tap_failed++;
	}
	fflush(stdout);
	return passed;
}

#define ok(expression, sentence) tap_line(!!(expression), sentence, __FILE__, __LINE__)
#define skip(sentence, reason) \
	(printf("ok %d - %s # SKIP %s\n", ++tap_count, sentence, reason), fflush(stdout))

/* What a test needs before it begins: the program ends where a system call fails. */
#define must(call)                          \
	do {                                \
		if ((call) < 0) {           \
			perror(#call);      \
			exit(EXIT_FAILURE); \
		}                           \
	} while (0)

static inline int done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed > 0;
}

/* A directory for this test, removed by whoever asked for it. */
__attribute__((unused)) static char *tap_directory(void)
{
	static char name[] = "/tmp/tspod-tap-XXXXXX";
	if (!mkdtemp(name))
		exit(2);
	return name;
}

#endif
