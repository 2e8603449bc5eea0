/* A file that was written under another name takes the place of the one that had its own. */
#ifndef TSPOD_TAKEOVER_H
#define TSPOD_TAKEOVER_H

/* As renameat(2), and without a wait for the disk when both are files. 0 or -errno. */
int take_over(int dir, const char *from, const char *to);

/* A file that something is mounted on cannot give way; what it holds can. 0 or -errno. */
int write_over(const char *staged, const char *path);

/*
 * A file will take over this name. When the one that has it is large, give back what memory holds
 * of it: nobody reads it again but after a failure, and the new one needs as much.
 */
void drop_cache(int dir, const char *name);

#endif
