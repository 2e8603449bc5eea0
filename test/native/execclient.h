/* What the tests of `exec` begin with: its ops, and the client before a fake monitor. */
#ifndef TSPOD_TEST_EXEC_CLIENT_H
#define TSPOD_TEST_EXEC_CLIENT_H

#include "tap.h"
#include "monitor.h"

static char *rundir;
static int null;

/* The ops between `exec-flags` and these flags. */
static void write_ops(const char *flags, unsigned count)
{
	char *at = NULL;
	size_t len;
	FILE *out = open_memstream(&at, &len);

	fprintf(out, "exec-flags %u %s cwd 2 /nowhere 0 exec 1 true ", count, flags);
	fclose(out);
	for (char *p = at; *p; p++)
		if (*p == ' ')
			*p = '\0';
	int fd = open("ops", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (write(fd, at, len) != (ssize_t)len)
		exit(2);
	close(fd);
	free(at);
}

#define EXEC(fds, session, ...)                                                                 \
	client_start(verb_exec,                                                                 \
		     (char *[]){ "exec", rundir, "ops", __VA_ARGS__ __VA_OPT__(, ) NULL }, fds, \
		     session)

static int same_file(int a, int b)
{
	struct stat one, other;
	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino &&
	       one.st_dev == other.st_dev;
}

static int exec_client_main(void (*tests)(void))
{
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	rundir = monitor_listen();
	tests();
	unlink("attach");
	rmdir(rundir);
	return done();
}

#endif
