#include "failpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum failpoint failpoint_chosen = FAIL_NEVER;

static const char *const names[FAIL_POINTS] = {
	[FAIL_AFTER_CLONE] = "after-clone",
	[FAIL_AFTER_MAP] = "after-map",
	[FAIL_DURING_FILL] = "during-fill",
	[FAIL_AFTER_ROOT] = "after-root",
	[FAIL_AFTER_GO] = "after-go",
	[FAIL_AFTER_INIT_CLONE] = "after-init-clone",
	[FAIL_BEFORE_INIT_JSON] = "before-init-json",
	[FAIL_AFTER_RUNNING] = "after-running",
	[FAIL_BEFORE_EXIT_JSON] = "before-exit-json",
	[FAIL_AFTER_EXIT_JSON] = "after-exit-json",
	[FAIL_DURING_REMOVE] = "during-remove",
};

void failpoint_choose(void)
{
	const char *name = getenv("TSPOD_FAILPOINT");

	for (unsigned i = FAIL_NEVER + 1; name && i < FAIL_POINTS; i++)
		if (strcmp(name, names[i]) == 0)
			failpoint_chosen = i;
}

/*
 * What SIGKILL leaves is what _exit leaves: the kernel closes and unmounts. A real SIGKILL is
 * ignored here, since the first process of a pid namespace takes none from within:
 * pid_namespaces(7).
 */
void failpoint_die(void)
{
	_exit(128 + 9);
}
