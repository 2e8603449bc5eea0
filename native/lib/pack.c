#include "lib/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "lib/names.h"
#include "lib/owners.h"
#include "lib/packparts.h"
#include "lib/util.h"

static int allocate(struct packer *p)
{
	if (p->data)
		return 0;
	p->data = malloc(PACK_BUFFER);
	p->names = malloc(PACK_BUFFER);
	p->values = malloc(PACK_BUFFER);
	return p->data && p->names && p->values ? 0 : -ENOMEM;
}

void pack_free(struct packer *p)
{
	links_free(&p->links);
	free(p->data);
	free(p->names);
	free(p->values);
}

void pack_allow_depth(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static bool may_be_skipped(const struct packer *p, int err)
{
	return p->skip_unreadable && (err == -EACCES || err == -EPERM);
}

static void fill_entry(const struct packer *p, struct item *item, enum tar_type type,
		       const char *as)
{
	const struct stat *st = &item->st;

	item->entry = (struct tar_entry){
		.type = type,
		.path = as,
		.mode = st->st_mode & 07777,
		.uid = p->chown ? p->uid : owners_former_uid(st->st_uid),
		.gid = p->chown ? p->gid : owners_former_gid(st->st_gid),
		.mtime = st->st_mtim,
		.device = st->st_rdev,
	};
}

static int pack_file(struct packer *p, struct item *item, const char *as)
{
	struct link *link = NULL;

	fill_entry(p, item, TAR_FILE, as);
	if (item->st.st_nlink > 1) {
		int err = links_find(&p->links, &item->st, &link);
		if (err < 0)
			return err;
		if (link->name) {
			item->entry.type = TAR_HARDLINK;
			item->entry.link = link->name;
			return tar_put_entry(p->out, &item->entry, p->for_ourselves);
		}
	}
	int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | (item->follow ? 0 : O_NOFOLLOW);
	autoclose int fd = openat(item->dir, item->name, flags);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &item->st) < 0)
		return -errno;
	if (!S_ISREG(item->st.st_mode))
		return -ESTALE; /* Somebody has put something else there. */
	pack_xattrs(p, item, fd);
	int err = pack_content(p, item, fd);
	return err == 0 && link ? links_add(&p->links, link, 0, as) : err;
}

static int pack_symlink(struct packer *p, struct item *item, const char *as)
{
	ssize_t n = readlinkat(item->dir, item->name, item->link, sizeof(item->link) - 1);

	if (n < 0)
		return -errno;
	item->link[n] = '\0';
	fill_entry(p, item, TAR_SYMLINK, as);
	item->entry.link = item->link;
	return tar_put_entry(p->out, &item->entry, p->for_ourselves);
}

static int pack_directory(struct packer *p, struct item *item, const char *as)
{
	char path[PATH_MAX + 1];
	autoclose int fd =
		openat(item->dir, item->name,
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC | (item->follow ? 0 : O_NOFOLLOW));
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/", as);
	fill_entry(p, item, TAR_DIRECTORY, path);
	pack_xattrs(p, item, fd);
	return tar_put_entry(p->out, &item->entry, p->for_ourselves);
}

static int pack_item(struct packer *p, struct item *item, const char *as)
{
	switch (item->st.st_mode & S_IFMT) {
	case S_IFREG:
		return pack_file(p, item, as);
	case S_IFDIR:
		return pack_directory(p, item, as);
	case S_IFLNK:
		return pack_symlink(p, item, as);
	case S_IFIFO:
		fill_entry(p, item, TAR_FIFO, as);
		break;
	case S_IFCHR:
		fill_entry(p, item, TAR_CHAR, as);
		break;
	case S_IFBLK:
		fill_entry(p, item, TAR_BLOCK, as);
		break;
	default:
		return 0; /* A socket means nothing elsewhere. */
	}
	return tar_put_entry(p->out, &item->entry, p->for_ourselves);
}

static int look_at(struct packer *p, struct item *item, const char *as)
{
	snprintf(p->path, sizeof(p->path), "%s", *as ? as : item->name);
	if (fstatat(item->dir, item->name, &item->st, item->follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return allocate(p);
}

/* 1 for a directory, 0 for anything else, or -errno. */
static int pack_found(struct packer *p, int dir, const char *name, const char *as)
{
	autofree struct item *item = calloc(1, sizeof(*item));

	if (!item)
		return -ENOMEM;
	item->dir = dir;
	item->name = name;
	int err = look_at(p, item, as);
	if (err == 0)
		err = pack_item(p, item, as);
	return err < 0 ? err : S_ISDIR(item->st.st_mode);
}

int pack_one(struct packer *p, int dir, const char *name, const char *as)
{
	int found = pack_found(p, dir, name, as);

	return found < 0 ? found : 0;
}

int pack_empty(struct packer *p, const char *as)
{
	struct tar_entry entry = { .type = TAR_FILE, .path = as };

	return tar_put_entry(p->out, &entry, false);
}

static bool is_skipped(const struct packer *p, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->skipped) && p->skipped[i]; i++)
		if (strcmp(p->skipped[i], name) == 0)
			return true;
	return false;
}

static int pack_below(struct packer *p, int dir, const char *as, bool top);

/* A file that vanishes between readdir(3) and here was not there. */
static int pack_child(struct packer *p, int dir, const char *name, const char *as)
{
	autofree char *path = NULL; /* A page on the stack for each level would be too much of it. */
	int len = asprintf(&path, "%s%s%s", as, *as ? "/" : "", name);

	if (len < 0 || len >= PATH_MAX)
		return len < 0 ? -ENOMEM : -ENAMETOOLONG;
	/*
	 * Not looked at again: what is below a name that was packed as a symlink would be put
	 * where that leads, and whoever runs in the container may change the one for the other.
	 */
	int found = pack_found(p, dir, name, path);
	if (found < 0)
		return found == -ENOENT || may_be_skipped(p, found) ? 0 : found;
	if (!found)
		return 0;
	autoclose int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return below < 0 ? -errno : pack_below(p, below, path, false);
}

static int pack_below(struct packer *p, int dir, const char *as, bool top)
{
	struct names names = { 0 };
	int err = names_read(&names, dir);

	for (size_t i = 0; err == 0 && i < names.count; i++)
		if (!top || !is_skipped(p, names.list[i]))
			err = pack_child(p, dir, names.list[i], as);
	names_free(&names);
	return err;
}

int pack_tree(struct packer *p, int dir, const char *name, const char *as, bool follow)
{
	autofree struct item *item = calloc(1, sizeof(*item));

	if (!item)
		return -ENOMEM;
	item->dir = dir;
	item->name = name;
	item->follow = follow;
	int err = look_at(p, item, as);
	if (err == 0 && *as)
		err = pack_item(p, item, as);
	if (err < 0 || !S_ISDIR(item->st.st_mode))
		return err;
	autoclose int below =
		openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
	return below < 0 ? -errno : pack_below(p, below, as, true);
}
