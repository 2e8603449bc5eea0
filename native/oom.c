#include "oom.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/util.h"

static const char file[] = "/proc/self/oom_score_adj";

int oom_score_take(const struct ops *ops, unsigned *bad, char before[OOM_SCORE_SIZE])
{
	before[0] = '\0';
	for (unsigned i = 0; i < ops->count; i++) {
		const struct op *op = &ops->list[i];
		if (op->kind != OP_OOM_SCORE_ADJ)
			continue;
		*bad = i;
		ssize_t n = read_file_at(AT_FDCWD, file, before, OOM_SCORE_SIZE);
		if (n < 0)
			return (int)n;
		int err = write_file_at(AT_FDCWD, file, op->argv[0], strlen(op->argv[0]));
		/* As in Podman: what is less than ours stays ours, proc_pid_oom_score_adj(5). */
		return err == -EACCES ? 0 : err;
	}
	return 0;
}

/* The way back is free: only CAP_SYS_RESOURCE of the host makes a score the least. */
void oom_score_restore(const char *before)
{
	if (*before)
		write_file_at(AT_FDCWD, file, before, strlen(before));
}
