#include "results.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct result {
	char started[TIME_SIZE], ended[TIME_SIZE];
	int code; /* as a shell counts; -1: timeout */
	char *output;
};

static void drop_first(struct results *results)
{
	if (results->count == 0)
		return;
	free(results->list[0].output);
	memmove(results->list, results->list + 1, --results->count * sizeof(*results->list));
}

static bool ensure_room(struct results *results)
{
	size_t room = results->room > 0 ? results->room * 2 : 5;

	if (results->count < results->room)
		return true;
	struct result *list = realloc(results->list, room * sizeof(*list));
	if (!list)
		return false;
	results->list = list;
	results->room = room;
	return true;
}

void results_add(struct results *results, const struct probe *probe, int code, size_t most)
{
	struct timespec now;

	while (results->count > 0 && results->count >= most)
		drop_first(results);
	if (!ensure_room(results))
		drop_first(results);
	if (results->count == results->room)
		return;
	struct result *result = &results->list[results->count++];
	clock_gettime(CLOCK_REALTIME, &now);
	format_time(result->started, &probe->started, "Z");
	format_time(result->ended, &now, "Z");
	result->code = code;
	result->output = strdup(probe->text ? probe->text : "");
}

void results_clear(struct results *results)
{
	while (results->count > 0)
		drop_first(results);
	free(results->list);
	*results = (struct results){ 0 };
}

/* The names of the fields: ours, and Podman's. */
struct names {
	const char *status, *streak, *log, *start, *end, *code, *output;
};

static const struct names own_names = { "status", "failingStreak", "log",   "start",
					"end",    "exitCode",      "output" };
static const struct names podman_names = { "Status", "FailingStreak", "Log",   "Start",
					   "End",    "ExitCode",      "Output" };

static void print_result(FILE *out, const struct names *names, const struct result *result)
{
	const char *output = result->output ? result->output : "";
	size_t size = JSON_ESCAPED_SIZE(strlen(output));
	autofree char *escaped = calloc(1, size);

	if (escaped)
		json_escape(escaped, size, output);
	fprintf(out, "{\"%s\":\"%s\",\"%s\":\"%s\",\"%s\":%d,\"%s\":\"%s\"}", names->start,
		result->started, names->end, result->ended, names->code, result->code,
		names->output, escaped ? escaped : "");
}

static void write_to(int dir, const char *name, const struct names *names,
		     const struct results *results, const char *status, unsigned streak)
{
	autofree char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	fprintf(out, "{\"%s\":\"%s\",\"%s\":%u,\"%s\":[", names->status, status, names->streak,
		streak, names->log);
	for (size_t i = 0; i < results->count; i++) {
		if (i > 0)
			fputc(',', out);
		print_result(out, names, &results->list[i]);
	}
	fputs("]}\n", out);
	if (fclose(out) == 0)
		replace_file_at(dir, name, text, len, false);
}

void results_write(const struct monitor *m, const struct results *results, const char *status,
		   unsigned streak)
{
	const char *directory = m->set.health.log_directory;
	char name[96];

	write_to(m->state_dir, "health.json", &own_names, results, status, streak);
	if (!directory)
		return;
	autoclose int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(name, sizeof(name), "%.64s-healthcheck.log", m->set.id);
	if (dir >= 0)
		write_to(dir, name, &podman_names, results, status, streak);
}
