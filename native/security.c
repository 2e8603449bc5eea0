#include "security.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/util.h"

enum { BOUNDING, EFFECTIVE, PERMITTED, INHERITABLE, AMBIENT };

static int parse_mask(const struct op *caps, unsigned set, uint64_t *mask)
{
	return parse_number(caps->argv[set], 16, UINT64_MAX, mask);
}

int drop_bounding(const struct op *caps)
{
	uint64_t keep;
	int err = parse_mask(caps, BOUNDING, &keep);

	for (unsigned long cap = 0; err == 0 && cap < 64; cap++) {
		if (keep & (1ULL << cap))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		/* EINVAL: past the last one that this kernel knows. */
		return errno == EINVAL ? 0 : -errno;
	}
	return err;
}

static int raise_ambient(uint64_t mask)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	for (unsigned long cap = 0; cap < 64; cap++)
		if (mask & (1ULL << cap) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return -errno;
	return 0;
}

int set_capabilities(const struct op *caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint64_t effective, permitted, inheritable, ambient;

	if (parse_mask(caps, EFFECTIVE, &effective) < 0 ||
	    parse_mask(caps, PERMITTED, &permitted) < 0 ||
	    parse_mask(caps, INHERITABLE, &inheritable) < 0 ||
	    parse_mask(caps, AMBIENT, &ambient) < 0)
		return -EINVAL;
	for (unsigned half = 0; half < 2; half++)
		data[half] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(effective >> (32 * half)),
			.permitted = (uint32_t)(permitted >> (32 * half)),
			.inheritable = (uint32_t)(inheritable >> (32 * half)),
		};
	if (syscall(SYS_capset, &header, data) < 0)
		return -errno;
	return raise_ambient(ambient);
}

int install_seccomp(int fd)
{
	struct sock_fprog program;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	size_t size = (size_t)st.st_size;
	if (size == 0 || size % sizeof(struct sock_filter) ||
	    size / sizeof(struct sock_filter) > BPF_MAXINSNS)
		return -EINVAL;
	program.len = (unsigned short)(size / sizeof(struct sock_filter));
	program.filter = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (program.filter == MAP_FAILED)
		return -errno;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
}

static int parse_limit(const char *text, rlim_t *limit)
{
	*limit = RLIM_INFINITY;
	return strcmp(text, "-1") == 0 ? 0 : parse_number(text, 10, UINT64_MAX, limit);
}

/* `most N`: as much as the caller may have, but N at most; setrlimit(2) refuses more. */
static int parse_limits(unsigned resource, char **argv, struct rlimit *limit)
{
	if (strcmp(argv[0], "most") != 0) {
		int bad = parse_limit(argv[0], &limit->rlim_cur);
		return bad < 0 ? -EINVAL : parse_limit(argv[1], &limit->rlim_max);
	}
	rlim_t most;
	int err = parse_limit(argv[1], &most);
	if (err < 0 || getrlimit((__rlimit_resource_t)resource, limit) < 0)
		return err < 0 ? err : -errno;
	if (limit->rlim_max > most)
		limit->rlim_max = most;
	limit->rlim_cur = limit->rlim_max;
	return 0;
}

int set_rlimits(const struct ops *ops)
{
	for (unsigned i = 0; i < ops->count; i++) {
		const struct op *op = &ops->list[i];
		struct rlimit limit;
		uint64_t resource;

		if (op->kind != OP_RLIMIT)
			continue;
		if (parse_number(op->argv[0], 10, RLIM_NLIMITS - 1, &resource) < 0 ||
		    parse_limits((unsigned)resource, op->argv + 1, &limit) < 0)
			return -EINVAL;
		if (setrlimit((__rlimit_resource_t)resource, &limit) < 0)
			return -errno;
	}
	return 0;
}
