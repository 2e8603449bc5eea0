#include "loop.h"

#include <poll.h>

#define WATCHES_MAX 512 /* Every client, every session twice, and the monitor's own. */

static struct pollfd polled[WATCHES_MAX];
static struct {
	ready_fn *ready;
	unsigned index;
} watches[WATCHES_MAX];
static unsigned count;

void loop_watch(int fd, short events, ready_fn *ready, unsigned index)
{
	if (fd < 0 || count == WATCHES_MAX)
		return;
	polled[count] = (struct pollfd){ .fd = fd, .events = events };
	watches[count].ready = ready;
	watches[count++].index = index;
}

void loop_run_once(struct monitor *m, int timeout_ms)
{
	unsigned all = count;
	int left = poll(polled, all, timeout_ms);

	count = 0;
	for (unsigned i = 0; i < all && left > 0; i++) {
		if (!polled[i].revents)
			continue;
		left--;
		watches[i].ready(m, watches[i].index);
	}
}

int loop_timeout(int64_t now, const int64_t *moments, size_t many)
{
	int64_t first = 0;

	for (size_t i = 0; i < many; i++)
		if (moments[i] > 0 && (first == 0 || moments[i] < first))
			first = moments[i];
	if (first == 0)
		return -1;
	return first <= now ? 0 : first - now > 3600000 ? 3600000 : (int)(first - now);
}
