/* native/probe.c. */
#include "probe.h"

#include <fcntl.h>

#include "tap.h"

int main(void)
{
	struct probe probe = { .status = -1, .text = calloc(1, 501), .room = 500 };

	alarm(60);
	probe.output = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	probe_read(&probe);
	ok(probe.len == 500 && probe.output >= 0, "output without an end does not keep the monitor");
	return done();
}
