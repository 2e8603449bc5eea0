#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/identity.h"
#include "start.h"

#define FAMILY_MAX 256
#define PASSES_MAX 16
#define READS_MAX 256 /* Of a page each, what the largest pipe holds: pipe(7). */
#define PF_EXITING 0x4 /* include/linux/sched.h */

/* As the procfs at /proc counts, the probe first. */
struct family {
	pid_t pids[FAMILY_MAX];
	unsigned count;
};

/* What the container's process is given, as far as an exec'd process may be. */
static bool is_for_probe(enum op_kind kind)
{
	switch (kind) {
	case OP_CAPS:
	case OP_NO_NEW_PRIVS:
	case OP_PERSONALITY:
	case OP_SECCOMP:
	case OP_RLIMIT:
	case OP_UMASK:
	case OP_USER:
	case OP_CWD:
	case OP_ENV: return true;
	default: return false;
	}
}

/* The ops of the container's process, with another command. The caller frees the list. */
static int compile(const struct monitor *m, const struct health_check *check, struct ops *ops)
{
	ops->list = calloc(m->ops.count + 1, sizeof(*ops->list));
	if (!ops->list)
		return -ENOMEM;
	for (unsigned i = 0; i < m->ops.count; i++)
		if (is_for_probe(m->ops.list[i].kind))
			ops->list[ops->count++] = m->ops.list[i];
	ops->list[ops->count++] = (struct op){
		.kind = OP_EXEC,
		.argc = check->op->argc - check->first,
		.argv = check->op->argv + check->first,
	};
	return 0;
}

static int start(struct monitor *m, struct probe *probe, const struct health_check *check,
		 int output)
{
	struct exec_request request = { .guarded = true };
	autoclose int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int err = null < 0 ? -errno : compile(m, check, &request.ops);

	if (err < 0)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(request.fds); i++)
		request.fds[i] = -1;
	request.fds[0] = null;
	request.fds[1] = request.fds[2] = output;
	int pid = start_exec(m, &request, &probe->status, &probe->host_pid);
	free(request.ops.list);
	probe->pid = pid < 0 ? 0 : pid;
	return pid < 0 ? pid : 0;
}

int probe_start(struct monitor *m, struct probe *probe, const struct health_check *check)
{
	int output[2];

	free(probe->text);
	*probe = (struct probe){ .status = -1, .output = -1, .room = m->set.health.log_size };
	probe->text = calloc(1, probe->room + 1);
	if (!probe->text)
		return -ENOMEM;
	clock_gettime(CLOCK_REALTIME, &probe->started);
	if (pipe2(output, O_CLOEXEC) < 0)
		return -errno;
	/* Our end alone: the probe's programs may not know of such pipes. */
	fcntl(output[0], F_SETFL, O_NONBLOCK);
	int err = start(m, probe, check, output[1]);
	close(output[1]);
	probe->output = output[0];
	if (err < 0)
		drop_fd(&probe->output);
	return err;
}

/* What is too much is read and thrown away: a full pipe would block the probe. */
void probe_read(struct probe *probe)
{
	char chunk[4096];

	for (int reads = 0; probe->output >= 0 && reads < READS_MAX; reads++) {
		ssize_t n = read(probe->output, chunk, sizeof(chunk));
		if (n == 0)
			drop_fd(&probe->output);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		size_t room = probe->room - probe->len, len = (size_t)n < room ? (size_t)n : room;
		memcpy(probe->text + probe->len, chunk, len);
		probe->len += len;
	}
}

static bool is_member(const struct family *family, pid_t pid)
{
	for (unsigned i = 0; i < family->count; i++)
		if (family->pids[i] == pid)
			return true;
	return false;
}

/* Its parent and its session: fields 4 and 6 of /proc/PID/stat. */
static bool belongs(const struct family *family, int process)
{
	char text[1024];
	int parent, session;
	ssize_t n = read_file_at(process, "stat", text, sizeof(text));
	/* The name in field 2 may hold anything. */
	const char *rest = n < 0 ? NULL : strrchr(text, ')');

	return rest && sscanf(rest, ") %*c %d %*d %d", &parent, &session) == 2 &&
	       (is_member(family, parent) || is_member(family, session));
}

/* Stop whoever belongs to the family and was not known. How many that were. */
static unsigned stop_relatives(struct family *family)
{
	unsigned before = family->count;
	DIR *proc = opendir("/proc");

	for (struct dirent *entry; proc && family->count < FAMILY_MAX && (entry = readdir(proc));) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid <= 0 || is_member(family, pid))
			continue;
		autoclose int process =
			openat(dirfd(proc), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process < 0 || !belongs(family, process))
			continue;
		/* A directory of /proc does for a pidfd: pidfd_send_signal(2). */
		pidfd_signal(process, SIGSTOP);
		family->pids[family->count++] = pid;
	}
	if (proc)
		closedir(proc);
	return family->count - before;
}

void probe_kill(struct probe *probe)
{
	struct family family = { .pids = { probe->host_pid }, .count = 1 };
	char name[32];

	/* Who is stopped starts nobody else: then there is an end to the search. */
	for (int pass = 0; probe->host_pid > 0 && pass < PASSES_MAX && stop_relatives(&family) > 0;
	     pass++)
		;
	/* The first last: the guard ends with it. */
	for (unsigned i = family.count - 1; i > 0; i--) {
		snprintf(name, sizeof(name), "/proc/%d", family.pids[i]);
		autoclose int process = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process >= 0)
			pidfd_signal(process, SIGKILL);
	}
	/* The guard reaps them all; before there is one, the probe is alone. */
	if (family.count == 1)
		kill(probe->pid, SIGKILL);
	probe->timed_out = true;
}

void probe_say(struct probe *probe, const char *text)
{
	size_t len = strlen(text);

	probe->len = !probe->text ? 0 : len < probe->room ? len : probe->room;
	if (probe->len > 0)
		memcpy(probe->text, text, probe->len);
	if (probe->text)
		probe->text[probe->len] = '\0';
}

/*
 * Whether the command could be started: else its code as a shell has it, and what the kernel says.
 */
static void read_status(struct probe *probe, int *code)
{
	struct status_message message;

	if (probe->status < 0)
		return;
	if (recv(probe->status, &message, sizeof(message), MSG_DONTWAIT) != sizeof(message))
		return;
	*code = message.err == ENOENT ? 127 : 126;
	probe_say(probe, strerror(message.err));
}

int probe_finish(struct probe *probe, int code)
{
	probe_read(probe);
	read_status(probe, &code);
	drop_fd(&probe->output); /* Somebody in the background may have the other end still. */
	drop_fd(&probe->status);
	probe->pid = 0;
	probe->text[probe->len] = '\0';
	return probe->timed_out ? -1 : code;
}

/*
 * The kernel has then killed everybody in its pid namespace, and lets it go only once we have
 * reaped them (pid_namespaces(7)). Field 9 of /proc/PID/stat.
 */
bool init_is_exiting(const struct monitor *m)
{
	char name[32], text[1024];
	unsigned flags;

	snprintf(name, sizeof(name), "/proc/%d/stat", m->init.host_pid);
	ssize_t n = read_file_at(AT_FDCWD, name, text, sizeof(text));
	const char *rest = n < 0 ? NULL : strrchr(text, ')');
	return !rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1 ||
	       (flags & PF_EXITING);
}
