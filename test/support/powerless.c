/*
 * powerless COMMAND..: run COMMAND where a user namespace can be made, with all its ids, but gives
 * no capabilities, as AppArmor has it on Ubuntu 24.04: what asks for one is refused. seccomp(2)
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REFUSE(name)                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1),    \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

int main(int argc, char **argv)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		REFUSE(chroot),
		REFUSE(mount),
		REFUSE(mount_setattr),
		REFUSE(move_mount),
		REFUSE(open_tree),
		REFUSE(pivot_root),
		REFUSE(setgroups),
		REFUSE(sethostname),
		REFUSE(umount2),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(*filter), .filter = filter };

	if (argc < 2 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
		perror("powerless");
		return 1;
	}
	execvp(argv[1], argv + 1);
	return 127;
}
