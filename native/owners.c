/*
 * `owners UIDS GIDS VERB..`: carry out another verb on a tree whose owners are not on disk what its
 * container sees: UIDS and GIDS, which owners_shift() takes, say what has become of them.
 */
#include <errno.h>

#include "lib/owners.h"
#include "lib/report.h"
#include "verbs.h"

int verb_owners(int argc, char **argv)
{
	if (argc < 4 || owners_shift(argv[1], argv[2]) < 0)
		return report_failure("owners", EINVAL, "arguments");
	return verb_named(argc - 3, argv + 3);
}
