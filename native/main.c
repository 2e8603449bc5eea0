/* tspod-monitor: one static executable with verbs; verbs.c has them; this file only reports. */
#include "lib/report.h"
#include "verbs.h"

/* The exit status of what tspod itself could not do, as Podman's. */
#define STATUS_OURS 125

int main(int argc, char **argv)
{
	report_open();
	int status = verb_named(argc - 1, argv + 1);

	if (status >= 0)
		return status;
	report_print(-status);
	return STATUS_OURS;
}
