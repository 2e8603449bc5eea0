#include "verb.h"
#include "lib/net.h"
#include "lib/util.h"
#include "verbs.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define INSIDE_PORT 7000

static int listen_at(int type, uint16_t port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 8) < 0))
		return -1;
	return fd;
}

static bool is_free(uint16_t port)
{
	int stream = listen_at(SOCK_STREAM, port), datagram = listen_at(SOCK_DGRAM, port);

	close(stream);
	close(datagram);
	return stream >= 0 && datagram >= 0;
}

/* The first of so many ports in a row that nobody has, below those that connections are given. */
static uint16_t free_ports(unsigned count)
{
	uint16_t first = (uint16_t)(20000 + getpid() % 10000);

	for (unsigned found = 0; found < count;) {
		if (is_free((uint16_t)(first + found))) {
			found++;
			continue;
		}
		first = (uint16_t)(first + found + 1);
		found = 0;
	}
	return first;
}

static _Noreturn void echo_stream(int fd)
{
	static char data[65536];

	for (;;) {
		int client = accept(fd, NULL, NULL);
		for (ssize_t n; (n = read(client, data, sizeof(data))) > 0;)
			write_all(client, data, (size_t)n);
		close(client);
	}
}

static _Noreturn void echo_datagrams(int fd)
{
	static char data[65536];
	struct sockaddr_in from;

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &len);
		sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
}

/* What a monitor is to the forwarder: a process with a user and network namespace; it echoes. */
static pid_t start_monitor(void)
{
	int ready[2];
	char byte;

	if (pipe(ready) < 0)
		return -1;
	fflush(stdout);
	pid_t child = fork();
	if (child > 0) {
		close(ready[1]);
		ssize_t n = read(ready[0], &byte, 1);
		close(ready[0]);
		return n == 1 ? child : -1;
	}
	setpgid(0, 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || loopback_up() < 0)
		_exit(1);
	int stream = listen_at(SOCK_STREAM, INSIDE_PORT),
	    datagrams = listen_at(SOCK_DGRAM, INSIDE_PORT);
	write_all(ready[1], "r", 1);
	if (fork() == 0)
		echo_datagrams(datagrams);
	echo_stream(stream);
}

/* Its exit status; the pid of the process that serves, or the report, is in text. */
static int forward(pid_t monitor, char **ports, char *text, size_t size)
{
	char pid[16], *argv[32] = { "forward", pid, "127.0.0.1" };
	int argc = 3;

	snprintf(pid, sizeof(pid), "%d", monitor);
	while (*ports)
		argv[argc++] = *ports++;
	return run_verb(verb_forward, argc, argv, text, size);
}

static int dial(int family, int type, uint16_t port)
{
	struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int fd = socket(family, type | SOCK_CLOEXEC, 0);
	int err = family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof(v4)) :
				      connect(fd, (struct sockaddr *)&v6, sizeof(v6));

	if (err == 0)
		return fd;
	close(fd);
	return -1;
}

/* Everything comes back when the end was sent, and then the end. */
static int echoes(int fd, size_t total)
{
	static char out[1 << 16], in[1 << 16];
	size_t sent = 0, received = 0;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (;;) {
		struct pollfd p = { .fd = fd,
				    .events = (short)(POLLIN | (sent < total ? POLLOUT : 0)) };
		poll(&p, 1, 5000);
		size_t at = sent % sizeof(out), left = total - sent;
		if (sent < total && (p.revents & POLLOUT)) {
			ssize_t n = write(fd, out + at,
					  left < sizeof(out) - at ? left : sizeof(out) - at);
			sent += n > 0 ? (size_t)n : 0;
			if (sent == total)
				shutdown(fd, SHUT_WR);
		}
		ssize_t n = read(fd, in, sizeof(in));
		if (n == 0)
			return received == total;
		for (ssize_t i = 0; i < n; i++)
			if (in[i] != out[received++ % sizeof(out)])
				return 0;
		if (n < 0 && errno != EAGAIN)
			return 0;
		if (p.revents == 0)
			return 0;
	}
}

static int echoes_datagram(int fd)
{
	char text[16] = "";
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return write(fd, "hello", 5) == 5 && poll(&p, 1, 5000) == 1 &&
	       read(fd, text, sizeof(text)) == 5 && memcmp(text, "hello", 5) == 0;
}

/* The process of a pid that is not our child. */
static int is_gone(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		char name[32], stat[512];
		snprintf(name, sizeof(name), "/proc/%d/stat", pid);
		if (read_file_at(AT_FDCWD, name, stat, sizeof(stat)) < 0 || strstr(stat, ") Z "))
			return 1;
		usleep(10000);
	}
	return 0;
}

#define CROWD 24

/* More connections than there are descriptors for: all are served in the end, at every port. */
static int serves_a_crowd(uint16_t number)
{
	int crowd[CROWD], late[2], served = 0;

	for (int i = 0; i < CROWD; i++)
		crowd[i] = dial(AF_INET, SOCK_STREAM, number);
	for (uint16_t i = 0; i < 2; i++) {
		late[i] = dial(AF_INET, SOCK_STREAM, (uint16_t)(number + i));
		write_all(late[i], "hello", 5);
		shutdown(late[i], SHUT_WR);
	}
	poll(NULL, 0, 100); /* It finds that there is none left. */
	for (int i = 0; i < CROWD; i++)
		close(crowd[i]);
	for (int i = 0; i < 2; i++) {
		char text[16];
		struct pollfd p = { .fd = late[i], .events = POLLIN };
		served += poll(&p, 1, 20000) == 1 && read(late[i], text, sizeof(text)) == 5;
		close(late[i]);
	}
	return served == 2;
}

#define FORWARD(...) forward(monitor, (char *[]){ __VA_ARGS__, NULL }, text, sizeof(text))

int main(void)
{
	char text[64], port[8], other[8];
	pid_t monitor = start_monitor();

	if (monitor < 0) {
		skip("a published port leads into the container", "user namespaces");
		return done();
	}
	uint16_t number = free_ports(4);
	snprintf(port, sizeof(port), "%u", number);
	snprintf(other, sizeof(other), "%u", number + 1);
	ok(FORWARD("tcp", "127.0.0.1", port, "7000", "strict", "tcp", "::1", port, "7000",
		   "lenient", "udp", "127.0.0.1", port, "7000", "strict", "tcp", "127.0.0.1", other,
		   "7001", "strict") == 0,
	   "ports are published");
	pid_t server = (pid_t)strtol(text, NULL, 10);
	int fd = dial(AF_INET, SOCK_STREAM, number);
	ok(fd >= 0 && echoes(fd, 20 << 20),
	   "what is sent to a port comes back whole, and then its end");
	close(fd);
	fd = dial(AF_INET6, SOCK_STREAM, number);
	if (fd < 0)
		skip("the same over IPv6", "no IPv6");
	else
		ok(echoes(fd, 1000), "the same over IPv6");
	close(fd);
	fd = dial(AF_INET, SOCK_DGRAM, number);
	ok(fd >= 0 && echoes_datagram(fd), "so do datagrams");
	close(fd);
	fd = dial(AF_INET, SOCK_STREAM, (uint16_t)(number + 1));
	ok(fd < 0 || (read(fd, text, 1) < 0 && errno == ECONNRESET),
	   "where nobody listens the client is turned away");
	close(fd);
	ok(FORWARD("tcp", "127.0.0.1", port, "7000", "strict") == 125,
	   "a port that is taken is refused");
	ok(FORWARD("tcp", "198.51.100.7", port, "7000", "strict") == 125,
	   "so is an address that is not ours");
	ok(FORWARD("tcp", "198.51.100.7", port, "7000", "lenient") == 0, "unless it need not be");
	snprintf(port, sizeof(port), "%u", number + 2);
	snprintf(other, sizeof(other), "%u", number + 3);
	struct rlimit few = { 36, 36 };
	setrlimit(RLIMIT_NOFILE, &few);
	FORWARD("tcp", "127.0.0.1", port, "7000", "strict", "tcp", "127.0.0.1", other, "7000",
		"strict");
	ok(serves_a_crowd((uint16_t)(number + 2)),
	   "who comes when no descriptor is left is served later, at every port");
	kill(-monitor, SIGKILL);
	waitpid(monitor, NULL, 0);
	ok(is_gone(server), "the forwarder ends with the container");
	return done();
}
