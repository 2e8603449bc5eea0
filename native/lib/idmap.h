/*
 * A map of a user namespace that we are about to be in. Any other than of our own id alone has to
 * be written from outside: by newuidmap(1) and its like, or by root.
 */
#ifndef TSPOD_IDMAP_H
#define TSPOD_IDMAP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define IDMAP_LINES 340 /* The kernel's limit: user_namespaces(7). */

struct id_map {
	const char *tool; /* its name is what a failure is reported as */
	const char *file;
	bool own;                      /* one id, ours: we may write it ourselves */
	char lines[IDMAP_LINES * 36];    /* as the kernel reads it */
	char words[IDMAP_LINES * 36];    /* the same, cut into the arguments of the tool */
	char *argv[IDMAP_LINES * 3 + 3]; /* tool, pid, words.., NULL */
	char path[PATH_MAX];           /* of the tool */
	pid_t writer;
};

/* Check INSIDE:OUTSIDE:SIZE,... and lay it out in both forms. 0 or -errno. */
int idmap_parse(struct id_map *map, const char *text, uint32_t own_id);

/*
 * Fork the writer of a map that only somebody outside may write; it waits for a byte at the gate, a
 * pipe.
 */
int idmap_start_writer(struct id_map *map, const int gate[2]);

/*
 * Why newuidmap(1) or newgidmap(1) has failed: EPERM, or EOPNOTSUPP where no_new_privs makes their
 * setuid bits and capabilities mean nothing (execve(2)).
 */
int idmap_tool_errno(void);

/* Wait for the writer, if there is one. 0, or the failure as it was reported. */
int idmap_end_writer(const struct id_map *map);

/* Write a map that has no writer, in the new namespace. */
int idmap_write_own(const struct id_map *map);

#endif
