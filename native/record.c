#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "lib/identity.h"
#include "restart.h"

static int own_pid(pid_t *pid)
{
	char text[16];
	/* As the host counts: proc(5). */
	ssize_t n = readlink("/proc/self", text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	*pid = (pid_t)strtol(text, NULL, 10);
	return 0;
}

int record_lock(struct monitor *m)
{
	char text[256];
	int err = own_pid(&m->pid);

	if (err == 0)
		err = proc_start_time(m->pid, &m->start_time);
	if (err == 0)
		err = read_boot_id(m->boot_id);
	if (err < 0)
		return err;
	m->lock = openat(m->state_dir, "monitor.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			 0600);
	if (m->lock < 0 || flock(m->lock, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	int n = snprintf(text, sizeof(text), "{\"pid\":%d,\"startTime\":%lu,\"bootId\":\"%s\"}\n",
			 m->pid, m->start_time, m->boot_id);
	if (pwrite(m->lock, text, (size_t)n, 0) != n || ftruncate(m->lock, n) < 0)
		return -EIO;
	return 0;
}

/* What need not outlive a power cut is not waited for: DESIGN.md §4. */
static int replace(struct monitor *m, const char *name, const char *text, int len)
{
	return replace_file_at(m->state_dir, name, text, (size_t)len, m->set.remove == NULL);
}

int record_init(struct monitor *m)
{
	char text[2048], started[TIME_SIZE], cgroup[sizeof(m->cgroup_path) * 2] = "";
	const struct init *init = &m->init;

	format_time(started, &init->started, "Z");
	json_escape(cgroup, sizeof(cgroup), m->cgroup_path);
	int n = snprintf(text, sizeof(text),
			 "{\"pid\":%d,\"startTime\":%lu,\"bootId\":\"%s\",\"startedAt\":\"%s\","
			 "\"monitorPid\":%d,"
			 "\"monitorStartTime\":%lu,\"restartCount\":%u,\"cgroup\":\"%s\"}\n",
			 init->host_pid, init->start_time, m->boot_id, started, m->pid,
			 m->start_time, m->restarts, cgroup);
	int err = replace(m, "init.json", text, n);
	/* The disk may be full when init ends. */
	return err < 0 || m->set.remove ? err : reserve_file_at(m->state_dir, "exit.json");
}

void record_no_init(struct monitor *m)
{
	unlinkat(m->state_dir, "init.json", 0);
}

int record_exit(struct monitor *m)
{
	char text[512], started[TIME_SIZE], finished[TIME_SIZE];
	struct timespec now;
	const struct init *init = &m->init;

	m->restart_recorded = restart_wanted(m);
	clock_gettime(CLOCK_REALTIME, &now);
	format_time(started, &init->started, "Z");
	format_time(finished, &now, "Z");
	int n = snprintf(text, sizeof(text),
			 "{\"exitCode\":%d,\"signal\":%d,\"oomKilled\":%s,\"finishedAt\":\"%s\","
			 "\"startedAt\":\"%s\","
			 "\"restartCount\":%u,\"stoppedByUser\":%s,\"restarting\":%s}\n",
			 init->exit_code, init->exit_signal, init->oom_killed ? "true" : "false",
			 finished, started, m->restarts, m->stopped_by_user ? "true" : "false",
			 m->restart_recorded ? "true" : "false");
	return replace(m, "exit.json", text, n);
}
