#include "results.h"

#include <stdio.h>
#include <string.h>

/* Each byte of the output may need six. */
#define ESCAPED_MAX (PROBE_OUTPUT_MAX * 6 + 1)
#define RESULT_TEXT_MAX (ESCAPED_MAX + 200)

void results_add(struct results *results, const struct probe *probe, int code)
{
	struct timespec now;

	if (results->count == RESULTS_MAX)
		memmove(results->list, results->list + 1, --results->count * sizeof(*results->list));
	struct result *result = &results->list[results->count++];
	clock_gettime(CLOCK_REALTIME, &now);
	format_time(result->started, &probe->started, "Z");
	format_time(result->ended, &now, "Z");
	result->code = code;
	memcpy(result->output, probe->text, sizeof(result->output));
}

void results_write(const struct monitor *m, const struct results *results, const char *status, unsigned streak)
{
	static char text[RESULTS_MAX * RESULT_TEXT_MAX + 200];
	int n = snprintf(text, sizeof(text), "{\"status\":\"%s\",\"failingStreak\":%u,\"log\":[", status, streak);

	for (unsigned i = 0; i < results->count; i++) {
		const struct result *result = &results->list[i];
		char output[ESCAPED_MAX] = "";
		json_escape(output, sizeof(output), result->output);
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "%s{\"start\":\"%s\",\"end\":\"%s\",\"exitCode\":%d,\"output\":\"%s\"}", i > 0 ? "," : "",
			      result->started, result->ended, result->code, output);
	}
	n += snprintf(text + n, sizeof(text) - (size_t)n, "]}\n");
	replace_file_at(m->state_dir, "health.json", text, (size_t)n, false);
}
