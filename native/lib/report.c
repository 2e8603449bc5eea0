#include "lib/report.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

#define EXPLAINER_WORDS 16

static struct {
	char step[32];
	char detail[1024];
	int err;
} failure;

static int report_fd = STDERR_FILENO;

void report_open(void)
{
	if (fcntl(3, F_GETFD) >= 0)
		report_fd = 3;
}

bool report_is_heard(void)
{
	struct pollfd reader = { .fd = report_fd };

	return poll(&reader, 1, 0) <= 0 || (reader.revents & (POLLERR | POLLHUP)) == 0;
}

int report_failure(const char *step, int err, const char *detail)
{
	if (failure.err == 0) {
		failure.err = err;
		snprintf(failure.step, sizeof(failure.step), "%s", step);
		snprintf(failure.detail, sizeof(failure.detail), "%s", detail ? detail : "");
	}
	return -err;
}

void report_become(char **argv, int count)
{
	char number[16], *words[EXPLAINER_WORDS + 4] = { NULL };

	if (count < 1 || count > EXPLAINER_WORDS)
		return;
	snprintf(number, sizeof(number), "%d", failure.err);
	memcpy(words, argv, (size_t)count * sizeof(*words));
	words[count] = failure.step;
	words[count + 1] = number;
	words[count + 2] = failure.detail;
	execv(words[0], words);
}

void report_print(int err)
{
	char line[sizeof(failure) + 32];

	if (failure.err == 0)
		report_failure("verb", err, NULL);
	for (char *p = failure.detail; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' '; /* One line a failure, whatever a path holds. */
	int n = snprintf(line, sizeof(line), "%s %d%s%s\n", failure.step, failure.err,
			 failure.detail[0] ? " " : "", failure.detail);
	write_all(report_fd, line, (size_t)n);
}
