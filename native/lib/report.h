/*
 * What failed, as a step and an errno: never prose (STYLE.md §6). Whoever meets the error records it
 * and returns -errno; main alone prints it, as `STEP ERRNO [DETAIL]`.
 */
#ifndef TSPOD_REPORT_H
#define TSPOD_REPORT_H

/*
 * Record the failure of a step (the name of an op or a system call); the first record stays, since
 * it is nearest to the cause. Returns -err: `return report_failure("mount", errno, target);`
 */
int report_failure(const char *step, int err, const char *detail);

/* For main: write the record to fd 3 when that is open, else to standard error. */
void report_print(int err);

#endif
