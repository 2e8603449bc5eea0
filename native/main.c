/* tspod-monitor: one static executable with verbs; this file only chooses the verb and reports. */
#include <string.h>

#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

/* The exit status of what tspod itself could not do, as Podman's. */
#define STATUS_OURS 125

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "run", verb_run },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		int status = verbs[i].run(argc - 1, argv + 1);
		if (status >= 0)
			return status;
		report_print(-status);
		return STATUS_OURS;
	}
	return STATUS_OURS;
}
