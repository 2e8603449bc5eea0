/*
 * Which process it is, whatever becomes of its number: pid, start time and boot id. Errors come
 * back as -errno.
 */
#ifndef TSPOD_IDENTITY_H
#define TSPOD_IDENTITY_H

#include <stdint.h>
#include <sys/types.h>

/* Signal the process behind a pidfd: pidfd_send_signal(2). */
int pidfd_signal(int pidfd, int sig);

/* The pid of a pidfd's process as the procfs at /proc counts it, or -errno (-ESRCH: it is gone). */
int pidfd_pid(int pidfd);

/* When a process started, in clock ticks since boot: field 22 of /proc/PID/stat. */
int proc_start_time(pid_t pid, uint64_t *ticks);

/* A pidfd of the process that started then; -ESRCH when it is gone, whoever has its number. */
int pidfd_open_born(pid_t pid, uint64_t ticks);

#define BOOT_ID_SIZE 37
int read_boot_id(char id[BOOT_ID_SIZE]);

#endif
