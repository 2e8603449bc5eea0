/*
 * What failed, as a step and an errno: never prose (STYLE.md §6). Whoever meets the error records
 * it and returns -errno; main alone prints it, as `STEP ERRNO [DETAIL]`.
 */
#ifndef TSPOD_REPORT_H
#define TSPOD_REPORT_H

#include <stdbool.h>

/*
 * Find out where reports go, before anything else is opened: to descriptor 3 where the caller has
 * given one.
 */
void report_open(void);

/* Whether whoever reads reports is still there; true where that cannot be known. */
bool report_is_heard(void);

/*
 * Record the failure of a step (the name of an op or a system call); the first record stays, since
 * it is nearest to the cause. Returns -err: `return report_failure("mount", errno, target);`
 */
int report_failure(const char *step, int err, const char *detail);

/*
 * Become a program that says what was recorded: its arguments are these, STEP, ERRNO and DETAIL.
 * Returns when it cannot be run.
 */
void report_become(char **argv, int count);

/* For main: write the record where report_open() found. */
void report_print(int err);

#endif
