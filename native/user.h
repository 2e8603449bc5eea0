/* Who a process is to be: the `user` op, looked up in the root's own /etc/passwd and /etc/group. */
#ifndef TSPOD_USER_H
#define TSPOD_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/ops.h"

#define USER_GROUPS_MAX 256

struct user {
	uid_t uid;
	gid_t gid;
	gid_t groups[USER_GROUPS_MAX];
	unsigned group_count;
	bool keep_groups;      /* the caller's supplementary groups stay as they are */
	char home[1024];       /* "/" when nothing says */
};

/* Fill user from `user SPEC GROUP..`. 0 or -errno (-ENOENT: no such user or group). */
int user_lookup(struct user *user, int root, const struct op *op);

/* The ids of USER[:GROUP] by the passwd file of the root directory. 0 or -errno as above. */
int user_ids(char *spec, uid_t *uid, gid_t *gid);

#endif
