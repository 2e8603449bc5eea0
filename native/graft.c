/*
 * `graft RUNDIR TARGET`: mount the root file system of a container that runs on TARGET in our mount
 * namespace, too: the same file system, of whose mount the monitor gives us a copy.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mount.h>

#include "lib/frame.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

#define WAIT_MS 10000

/* The errno of a frame that says OPNUMBER ERRNO. */
static int refusal(const struct frame *frame)
{
	unsigned op;
	int err;
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)frame->len, frame->data);
	return sscanf(text, "%u %d", &op, &err) == 2 && err > 0 ? -err : -EBADMSG;
}

/* The answer and what came with it: a descriptor or -errno. */
static int receive_mount(int sock)
{
	struct pollfd answer = { .fd = sock, .events = POLLIN };
	struct frame_in in = { 0 };
	struct frame frame;
	int got = 0;

	while (got == 0) {
		int n = poll(&answer, 1, WAIT_MS);
		if (n == 0 || (n < 0 && errno != EINTR))
			got = n == 0 ? -ETIMEDOUT : -errno;
		else if (n > 0 && (n = frame_fill(&in, sock)) <= 0 && n != -EAGAIN)
			got = n == 0 ? -ECONNRESET : n;
		else
			got = frame_next(&in, &frame);
	}
	if (got == 1 && frame.type == FRAME_FAILED)
		got = refusal(&frame);
	else if (got == 1)
		got = in.nfds == 1 ? take_fd(&in.fds[0]) : -EBADMSG;
	frame_in_free(&in);
	return got;
}

int verb_graft(int argc, char **argv)
{
	static const char request[] = "root\0" "0";

	if (argc != 3)
		return report_failure("graft", EINVAL, "arguments");
	autoclose int sock = control_connect(argv[1], WAIT_MS);
	int err = sock < 0 ? sock : control_request(sock, request, sizeof(request), NULL, 0);
	if (err < 0)
		return report_failure("connect", -err, argv[1]);
	autoclose int mount = receive_mount(sock);
	if (mount < 0)
		return report_failure("root", -mount, argv[1]);
	if (move_mount(mount, "", AT_FDCWD, argv[2], MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return report_failure("mount", errno, argv[2]);
	return 0;
}
