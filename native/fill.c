#include "fill.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "failpoint.h"
#include "lib/copy.h"
#include "lib/path.h"

/* In a volume's home while its directory is filled, and after a crash meanwhile. */
#define MARK "filling"

static struct {
	pid_t child;     /* 0: none */
	int volume;      /* the directory with the mark, and its lock */
	unsigned op;     /* those before this one are done */
	int err;         /* what has become of the last one */
} filling = { .volume = -1 };

struct fill {
	int src, dst;
	bool content; /* dst itself has its owner and mode already */
};

/*
 * What a crash has left half is replaced; what containers have added since then stays. We had one
 * thread, so malloc(3) is as good here as there.
 */
static _Noreturn void copy(pid_t monitor, const struct fill *fill, bool again)
{
	int src = fill->src, dst = fill->dst;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != monitor)
		_exit(ECANCELED);
	if (fill->content)
		_exit(-copy_below(src, dst, again));
	_exit(-(again ? copy_layer(src, dst) : copy_tree(src, dst)));
}

/* FILL_RUNS or -errno. Takes the directory with the mark over. */
static int start(const struct fill *fill, int *volume, bool again)
{
	pid_t monitor = getpid();
	autoclose int mark =
		openat(*volume, MARK, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (mark < 0)
		return -errno;
	filling.child = fork();
	if (filling.child == 0)
		copy(monitor, fill, again);
	if (filling.child < 0) {
		filling.child = 0;
		return -errno;
	}
	filling.volume = take_fd(volume);
	return FILL_RUNS;
}

/*
 * Whoever comes second waits until the first has filled the volume: flock(2), which ends with its
 * holder. On the volume's home, since a container may lock the directory itself.
 */
static int fill_one(int root, char *const *argv)
{
	const char *from = argv[0], *to = argv[1], *home = argv[2];
	autoclose int dst = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dst < 0)
		return -errno;
	autoclose int volume = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (volume < 0 || flock(volume, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? FILL_LOCKED : -errno;
	bool again = faccessat(volume, MARK, F_OK, 0) == 0;
	int empty = again ? 1 : is_empty_directory(dst);
	if (empty <= 0)
		return empty;
	autoclose int src = path_open(root, from, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	if (src == -ENOENT || src == -ENOTDIR)
		return 0;
	struct fill fill = { src, dst, strcmp(argv[3], "content") == 0 };
	return src < 0 ? src : start(&fill, &volume, again);
}

int fill_volumes(struct monitor *m)
{
	if (filling.child > 0)
		return FILL_RUNS;
	m->step = filling.op;
	if (filling.err < 0)
		return filling.err;
	autoclose int root = openat(m->run_dir, "rootfs", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	if (filling.op < m->set.stage2)
		filling.op = m->set.stage2;
	for (; filling.op < m->ops.count; filling.op++) {
		const struct op *op = &m->ops.list[filling.op];
		if (op->kind != OP_COPYUP)
			continue;
		m->step = filling.op;
		int err = fill_one(root, op->argv);
		if (err != 0)
			return err;
	}
	return 0;
}

bool fill_ended(pid_t pid, int code)
{
	if (filling.child == 0 || pid != filling.child)
		return false;
	filling.child = 0;
	filling.err = code > 128 ? -ENOMEM : -code; /* Killed: that does the OOM killer. */
	if (code == 0) {
		failpoint(FAIL_DURING_FILL);
		filling.err = unlinkat(filling.volume, MARK, 0) < 0 ? -errno : 0;
		filling.op++;
	}
	drop_fd(&filling.volume);
	return true;
}

void fill_stop(void)
{
	if (filling.child == 0)
		return;
	kill(filling.child, SIGKILL);
	waitpid(filling.child, NULL, 0);
	filling.child = 0;
	drop_fd(&filling.volume);
}
