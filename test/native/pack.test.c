#include "tap.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "lib/pack.h"
#include "lib/tar.h"
#include "lib/util.h"
#include "remove.h"

#define ROUNDS 400

/* A file that says where it came from, a symlink, and a directory with a file. */
static void make_tree(void)
{
	if (mkdir("tree", 0755) < 0 || mkdir("tree/sub", 0755) < 0 ||
	    symlink("/elsewhere", "tree/other") < 0)
		exit(2);
	close(open("tree/sub/file", O_WRONLY | O_CREAT, 0644));
}

/* Somebody in the container, who makes the one the other all the time. */
static pid_t start_swapping(void)
{
	pid_t child = fork();

	if (child == 0)
		for (;;)
			renameat2(AT_FDCWD, "tree/sub", AT_FDCWD, "tree/other", RENAME_EXCHANGE);
	return child;
}

static int pack(const char *archive)
{
	struct packer p = { 0 };
	int fd = open(archive, O_RDWR | O_CREAT | O_TRUNC, 0600);

	p.out = tar_create(fd);
	int err = pack_tree(&p, AT_FDCWD, "tree", "top", true);
	if (err == 0)
		err = tar_put_end(p.out);
	tar_free(p.out);
	pack_free(&p);
	lseek(fd, 0, SEEK_SET);
	return err < 0 ? err : fd;
}

/* Whether something in the archive would be put where its symlink leads. */
static int leads_through_symlink(int fd)
{
	struct tar_reader *tar = tar_open(fd);
	struct tar_entry entry;
	char link[64] = "";
	int through = 0;

	while (tar_next(tar, &entry) > 0) {
		through |= *link && strncmp(entry.path, link, strlen(link)) == 0;
		if (entry.type == TAR_SYMLINK)
			snprintf(link, sizeof(link), "%s/", entry.path);
	}
	tar_close(tar);
	return through;
}

/* As large as they may be: xattr(7). */
static char values[3][65536];

static int is_value(const struct tar_xattr *xattr)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (xattr->size == sizeof(values[i]) &&
		    memcmp(xattr->value, values[i], sizeof(values[i])) == 0)
			return 1;
	return 0;
}

/* A tmpfs of the container takes as many as somebody likes. */
static void large_attributes(void)
{
	char template[] = "/dev/shm/tspod-tap-XXXXXX", name[] = "user.0";
	struct tar_entry entry;
	int set = 0, wrong = 0;

	if (!mkdtemp(template) || chdir(template) < 0 || mkdir("tree", 0755) < 0)
		exit(2);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		memset(values[i], 'a' + (int)i, sizeof(values[i]));
		name[5] = (char)('0' + i);
		set += setxattr("tree", name, values[i], sizeof(values[i]), 0) == 0;
	}
	int fd = pack("archive");
	struct tar_reader *tar = tar_open(fd);
	while (tar_next(tar, &entry) > 0)
		for (size_t i = 0; i < entry.xattr_count; i++)
			wrong += !is_value(&entry.xattrs[i]);
	tar_close(tar);
	if (set == 0)
		skip("attributes without room are left out", "a tmpfs has none before Linux 6.6");
	else
		ok(fd >= 0 && wrong == 0, "attributes without room are left out");
	if (chdir("/") < 0 || remove_tree(AT_FDCWD, template) < 0)
		exit(2);
}

static void a_changing_tree(void)
{
	int through = 0, packed = 0;

	if (chdir(tap_directory()) < 0)
		exit(2);
	make_tree();
	pid_t child = start_swapping();
	for (int i = 0; i < ROUNDS; i++) {
		int fd = pack("archive");
		if (fd < 0)
			continue; /* The directory was a symlink by then. */
		packed++;
		through += leads_through_symlink(fd);
		close(fd);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ok(packed > 0, "a tree that changes meanwhile is packed");
	ok(through == 0, "nothing is below what was packed as a symlink");
}

int main(void)
{
	large_attributes();
	a_changing_tree();
	return done();
}
