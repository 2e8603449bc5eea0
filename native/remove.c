/* `remove`: the trees and cgroups whose paths are on standard input, NUL-separated. */
#include "remove.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/report.h"
#include "lib/util.h"
#include "subgroups.h"
#include "verbs.h"

#define LIST_MAX (256u << 20) /* bytes of paths on standard input */

int verb_remove(int argc, char **argv)
{
	autofree char *list = NULL;
	size_t len;
	int failed = 0;

	if (argc != 1)
		return report_failure("remove", EINVAL, argv[1]);
	int err = read_to_end(STDIN_FILENO, LIST_MAX, &list, &len);
	if (err < 0)
		return report_failure("read", -err, NULL);
	for (char *path = list; path < list + len; path += strlen(path) + 1) {
		err = is_cgroup(path) ? cgroup_remove_at(AT_FDCWD, path) :
		      *path ? remove_tree(AT_FDCWD, path) : 0;
		if (err < 0)
			failed = report_failure("remove", -err, path);
	}
	return failed;
}
