/*
 * `copy [--owners UIDS GIDS] TARGET LAYER..`: what an overlay of these layers, the lowest first,
 * would show, as a directory tree of its own: the driver vfs. TARGET appears whole or not at all,
 * and what is there already stays. UIDS and GIDS are what owners_shift() takes.
 *
 * `copy --capable TARGET LAYER`: what copy_capable() takes of one layer.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/copy.h"
#include "lib/owners.h"
#include "lib/report.h"
#include "lib/util.h"
#include "remove.h"
#include "verbs.h"

typedef int copy_one_fn(int src, int dst);

static int copy_one(const char *layer, int dst, copy_one_fn *copy)
{
	autoclose int src = open(layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = src < 0 ? -errno : copy(src, dst);

	return err < 0 ? report_failure("copy", -err, layer) : 0;
}

static int copy_layers(const char *staged, int count, char **layers, copy_one_fn *copy)
{
	if (mkdir(staged, 0755) < 0)
		return report_failure("mkdir", errno, staged);
	autoclose int dst = open(staged, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = dst < 0 ? report_failure("open", errno, staged) : 0;

	for (int i = 0; i < count && err == 0; i++)
		err = copy_one(layers[i], dst, copy);
	return err;
}

int verb_copy(int argc, char **argv)
{
	char staged[PATH_MAX];
	copy_one_fn *copy = copy_layer;

	if (argc > 1 && strcmp(argv[1], "--capable") == 0) {
		copy = copy_capable;
		argc--;
		argv++;
	}
	if (argc > 3 && strcmp(argv[1], "--owners") == 0) {
		if (owners_shift(argv[2], argv[3]) < 0)
			return report_failure("copy", EINVAL, argv[2]);
		argc -= 3;
		argv += 3;
	}
	if (argc < 3 || snprintf(staged, sizeof(staged), "%s.new", argv[1]) >= PATH_MAX)
		return report_failure("copy", EINVAL, "arguments");
	if (access(argv[1], F_OK) == 0)
		return 0;
	int err = remove_tree(AT_FDCWD, staged); /* of one that was killed */
	if (err < 0)
		return report_failure("remove", -err, staged);
	err = copy_layers(staged, argc - 2, argv + 2, copy);
	if (err == 0 && rename(staged, argv[1]) < 0)
		err = report_failure("rename", errno, argv[1]);
	if (err < 0)
		remove_tree(AT_FDCWD, staged);
	return err;
}
