#include "farewell.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/util.h"

/* Its lock, its streams, the lifeline of slirp4netns(1): others wait for the end of those. */
static void close_all_but(int one, int other)
{
	unsigned low = (unsigned)(other < 0 || one < other ? one : other);
	unsigned high = (unsigned)(one < other ? other : one);

	if (low > 0)
		close_range(0, low - 1, 0);
	if (high - low > 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

static bool has_hung_up(int cli)
{
	char words[64];
	ssize_t n = recv(cli, words, sizeof(words), MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static bool is_asked_to_end(int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			return true;
	return false;
}

void farewell(int cli, int signals, int64_t patience_ms)
{
	int64_t deadline = now_ms() + patience_ms;
	struct pollfd fds[] = { { cli, POLLIN, 0 }, { signals, POLLIN, 0 } };

	close_all_but(cli, signals);
	for (int64_t left; (left = deadline - now_ms()) > 0;) {
		poll(fds, sizeof(fds) / sizeof(fds[0]), (int)left);
		if (has_hung_up(cli) || is_asked_to_end(signals))
			return;
	}
}
