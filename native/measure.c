/* `measure`: how much the files of trees hold, whoever owns them. */
#include "verbs.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/report.h"
#include "lib/util.h"

#define LIST_MAX (1 << 24)
#define DESCRIPTORS 64

static uint64_t total; /* bytes; nftw(3) passes nothing on */

/* A file with several names counts once, if all of them are in the tree. */
static int add(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)path;
	(void)type;
	(void)place;
	if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode))
		total += (uint64_t)st->st_size / (st->st_nlink > 0 ? st->st_nlink : 1);
	return 0;
}

/*
 * Paths on standard input, each ended by NUL; a line with the bytes of each, 0 for one that is not
 * there.
 */
int verb_measure(int argc, char **argv)
{
	autofree char *list = NULL;
	size_t len;

	if (argc != 1)
		return report_failure("measure", EINVAL, argv[1]);
	int err = read_to_end(STDIN_FILENO, LIST_MAX, &list, &len);
	if (err < 0)
		return report_failure("read", -err, NULL);
	for (char *path = list; path < list + len; path += strlen(path) + 1) {
		total = 0;
		/*
		 * What vanishes under way, or cannot be read, holds nothing. The paths are
		 * absolute: chdir does no harm.
		 */
		nftw(path, add, DESCRIPTORS, FTW_PHYS | FTW_CHDIR);
		printf("%" PRIu64 "\n", total);
	}
	return 0;
}
