/* native/notify.c. */
#include "notify.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tap.h"

static char text[256];

static int socket_at(const char *path, bool listens)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int err = listens ? bind(fd, (struct sockaddr *)&address, sizeof(address)) :
			    connect(fd, (struct sockaddr *)&address, sizeof(address));
	return err < 0 ? -1 : fd;
}

/* The next word that the service manager was sent, "" for none. */
static const char *heard(int manager)
{
	ssize_t n = recv(manager, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void report(struct monitor *m, int inside, const char *words)
{
	send(inside, words, strlen(words), 0);
	notify_forward(m);
}

int main(void)
{
	char path[64], own[64];
	const char *directory = tap_directory();
	struct monitor m = { .pid = 77, .set = { .notify_mode = NOTIFY_CONTAINER } };

	snprintf(path, sizeof(path), "%s/manager", directory);
	snprintf(own, sizeof(own), "%s/notify", directory);
	m.set.notify_socket = path;
	m.notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	m.run_dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int manager = socket_at(path, true);
	ok(notify_listen(&m) == 0, "a container that reports itself has a socket to do so");
	int inside = socket_at(own, false);

	notify_running(&m);
	ok(strcmp(heard(manager), "MAINPID=77") == 0, "the monitor is the main process");
	report(&m, inside, "STATUS=warm\nMAINPID=1\nWATCHDOG=trigger");
	ok(*heard(manager) == '\0', "the container names no other one, and no time");
	report(&m, inside, "MAINPID=1\nREADY=1\nREADY=1");
	ok(strcmp(heard(manager), "MAINPID=77\nREADY=1") == 0, "that it is ready goes on");
	report(&m, inside, "READY=1");
	ok(*heard(manager) == '\0', "but once");
	notify_running(&m);
	heard(manager);
	report(&m, inside, "READY=1");
	ok(strcmp(heard(manager), "MAINPID=77\nREADY=1") == 0, "and again after a restart");
	notify_stopping(&m);
	ok(strcmp(heard(manager), "STOPPING=1") == 0, "the stop is told");

	unlink(path);
	unlink(own);
	rmdir(directory);
	return done();
}
