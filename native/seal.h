/*
 * The program's own file, as its processes show it in /proc/PID/exe, must not be changed from
 * inside a container, where the container's root is the user who may own that file (CVE-2019-5736).
 */
#ifndef TSPOD_SEAL_H
#define TSPOD_SEAL_H

#include <stdbool.h>

/*
 * When this user may write the executable, run it again from a detached read-only mount of itself;
 * argv as main's from the verb on. Returns 0 when there is nothing to do, or -errno.
 */
int seal_executable(char **argv);

/* Whether this user, or root of a container of theirs, might write it: false means never. */
bool executable_is_exposed(void);

#endif
