/* The table of verbs. */
#include "verbs.h"

#include <errno.h>
#include <string.h>

#include "lib/report.h"
#include "lib/util.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "run", verb_run },
	{ "join", verb_join },
	{ "userns", verb_userns },
	{ "remove", verb_remove },
	{ "reap", verb_reap },
	{ "unpack", verb_unpack },
	{ "attach", verb_attach },
	{ "exec", verb_exec },
	{ "forward", verb_forward },
	{ "after", verb_after },
	{ "end", verb_end },
	{ "copy", verb_copy },
	{ "measure", verb_measure },
	{ "pack", verb_pack },
	{ "put", verb_put },
	{ "pipe", verb_pipe },
	{ "look", verb_look },
	{ "inside", verb_inside },
	{ "rooted", verb_rooted },
	{ "changes", verb_changes },
	{ "layer", verb_layer },
	{ "unmount", verb_unmount },
	{ "owners", verb_owners },
	{ "graft", verb_graft },
	{ "fuse", verb_fuse },
};

int verb_named(int argc, char **argv)
{
	for (size_t i = 0; argc > 0 && i < ARRAY_SIZE(verbs); i++)
		if (strcmp(argv[0], verbs[i].name) == 0)
			return verbs[i].run(argc, argv);
	return report_failure("verb", ENOSYS, argv[0]);
}
