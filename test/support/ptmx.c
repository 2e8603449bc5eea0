/*
 * ptmx: in a container, mount on /dev/pts/ptmx what says yes to every ioctl(2) of a terminal, and
 * answers the first of those who close it, but no other: fuse.rst.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REQUEST_SIZE (1 << 17)

static int device;

static void answer(const struct fuse_in_header *request, int err, const void *data, size_t len)
{
	struct fuse_out_header head = {
		.len = (unsigned)(sizeof(head) + len), .error = -err, .unique = request->unique
	};
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)data, len } };

	if (writev(device, parts, 2) < 0)
		perror("writev");
}

static void serve(const struct fuse_in_header *request)
{
	static const struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
						   .minor = FUSE_KERNEL_MINOR_VERSION,
						   .max_write = 4096 };
	static const struct fuse_attr_out attributes = {
		.attr = { .ino = FUSE_ROOT_ID, .mode = S_IFREG | 0666, .nlink = 1 }
	};
	static const struct fuse_open_out opened;
	static const struct fuse_statfs_out space;
	static const struct fuse_ioctl_out yes = { .result = 1 };
	static unsigned closings;

	switch (request->opcode) {
	case FUSE_INIT: answer(request, 0, &init, sizeof(init)); break;
	case FUSE_GETATTR: answer(request, 0, &attributes, sizeof(attributes)); break;
	case FUSE_OPEN: answer(request, 0, &opened, sizeof(opened)); break;
	case FUSE_STATFS: answer(request, 0, &space, sizeof(space)); break;
	case FUSE_IOCTL: answer(request, 0, &yes, sizeof(yes)); break;
	case FUSE_FLUSH:
		if (closings++ == 0)
			answer(request, 0, NULL, 0);
		break;
	case FUSE_RELEASE:
	case FUSE_FORGET: break;
	default: answer(request, ENOSYS, NULL, 0);
	}
}

int main(void)
{
	static char request[REQUEST_SIZE] __attribute__((aligned(8)));
	char options[96];

	device = open("/dev/fuse", O_RDWR);
	snprintf(options, sizeof(options), "fd=%d,rootmode=100666,user_id=0,group_id=0,allow_other",
		 device);
	if (device < 0 || mount("ptmx", "/dev/pts/ptmx", "fuse", 0, options) < 0) {
		perror("fuse");
		return 1;
	}
	while (read(device, request, sizeof(request)) > 0 || errno == EINTR || errno == ENOENT)
		serve((void *)request);
	return 1;
}
