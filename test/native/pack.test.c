#include "tap.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/pack.h"
#include "lib/tar.h"

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

int main(void)
{
	int through = 0, packed = 0;

	if (chdir(tap_directory()) < 0)
		return 2;
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
	return done();
}
