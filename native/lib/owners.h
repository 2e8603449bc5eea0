/* Owners that become others on the way from one tree to another. */
#ifndef TSPOD_OWNERS_H
#define TSPOD_OWNERS_H

#include <sys/types.h>

/*
 * Give the owners of all later copies other numbers: `FROM:TO:SIZE:..`, as fuse-overlayfs(1) takes
 * its uidmapping; an id that is in none of the ranges stays. 0 or -EINVAL.
 */
int owners_shift(const char *uids, const char *gids);

uid_t owners_uid(uid_t uid);
gid_t owners_gid(gid_t gid);

/* What an owner was before owners_uid() and owners_gid(). */
uid_t owners_former_uid(uid_t uid);
gid_t owners_former_gid(gid_t gid);

#endif
