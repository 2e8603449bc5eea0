/*
 * `changes upper|whole TREE LAYER..`: what TREE adds to the layers, the top one first, or has
 * changed or lost: KIND and PATH, each with a NUL. TREE is what an overlay has on top of them, or a
 * whole root file system.
 *
 * `layer ..`: the same as the tar archive of a layer (OCI image-spec, layer.md).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/changes.h"
#include "lib/pack.h"
#include "lib/report.h"
#include "lib/util.h"
#include "lib/whiteout.h"
#include "verbs.h"

static int print_change(void *arg, const struct change *change)
{
	(void)arg;
	return printf("%c%c%s%c", (char)change->kind, 0, change->path, 0) < 0 ? -EIO : 0;
}

/* `.wh.NAME` hides NAME of the layers below. */
static int pack_whiteout(struct packer *p, const char *path)
{
	char marker[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int parent = slash ? (int)(slash + 1 - path) : 0;

	if (snprintf(marker, sizeof(marker), "%.*s" WHITEOUT "%s", parent, path, path + parent) >=
	    (int)sizeof(marker))
		return -ENAMETOOLONG;
	return pack_empty(p, marker);
}

static int pack_change(void *arg, const struct change *change)
{
	if (change->kind == CHANGE_DELETED)
		return pack_whiteout(arg, change->path);
	return pack_one(arg, change->dir, change->name, change->path);
}

/* argv: VERB KIND TREE LAYER.. */
static int walk(int argc, char **argv, struct changes *changes)
{
	if (argc < 3)
		return report_failure("changes", EINVAL, "arguments");
	autofree int *layers = calloc((size_t)argc, sizeof(*layers));
	int err = layers ? 0 : -ENOMEM;

	changes->whole = strcmp(argv[1], "whole") == 0;
	pack_allow_depth();
	for (int i = 2; err == 0 && i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return report_failure("open", errno, argv[i]);
		if (i == 2)
			changes->tree = fd;
		else
			layers[changes->layer_count++] = fd;
	}
	changes->layers = layers;
	return err < 0 ? err : changes_walk(changes);
}

int verb_changes(int argc, char **argv)
{
	struct changes changes = { .found = print_change };

	int err = walk(argc, argv, &changes);
	if (err == 0 && fflush(stdout) != 0)
		err = -errno;
	return err < 0 ? report_failure("changes", -err, NULL) : 0;
}

int verb_layer(int argc, char **argv)
{
	struct packer p = { .out = tar_create(STDOUT_FILENO) };
	struct changes changes = { .found = pack_change, .arg = &p };

	if (!p.out)
		return report_failure("malloc", ENOMEM, NULL);
	int err = walk(argc, argv, &changes);
	if (err == 0)
		err = tar_put_end(p.out);
	if (err < 0)
		report_failure("layer", -err, p.path);
	tar_free(p.out);
	pack_free(&p);
	return err;
}
