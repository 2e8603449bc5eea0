#include "lib/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>

#include "lib/util.h"

int pidfd_signal(int pidfd, int sig)
{
	return pidfd_send_signal(pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

int pidfd_pid(int pidfd)
{
	char name[64], text[1024];

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", pidfd);
	ssize_t n = read_file_at(AT_FDCWD, name, text, sizeof(text));
	if (n < 0)
		return (int)n;
	const char *line = strstr(text, "\nPid:");
	if (!line)
		return -EBADF;
	long pid = strtol(line + strlen("\nPid:"), NULL, 10);
	/* -1: reaped; 0: not in that pid namespace (pidfd_open(2)). */
	return pid > 0 ? (int)pid : -ESRCH;
}

int proc_start_time(pid_t pid, uint64_t *ticks)
{
	char name[64], text[2048];

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	ssize_t n = read_file_at(AT_FDCWD, name, text, sizeof(text));
	if (n < 0)
		return (int)n;
	char *p = strrchr(text, ')'); /* The name in field 2 may hold anything, `)` too: proc(5). */
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (!p)
		return -EINVAL;
	*ticks = strtoull(p + 1, NULL, 10);
	return 0;
}

int pidfd_open_born(pid_t pid, uint64_t ticks)
{
	uint64_t born;
	autoclose int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0)
		return -errno;
	/* In this order: the number cannot become another's while its process is held. */
	if (proc_start_time(pid, &born) < 0 || born != ticks)
		return -ESRCH;
	return take_fd(&pidfd);
}

int read_boot_id(char id[BOOT_ID_SIZE])
{
	char text[64];
	ssize_t n = read_file_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, sizeof(text));

	if (n < 0)
		return (int)n;
	if (n < BOOT_ID_SIZE - 1)
		return -EINVAL;
	memcpy(id, text, BOOT_ID_SIZE - 1);
	id[BOOT_ID_SIZE - 1] = '\0';
	return 0;
}
