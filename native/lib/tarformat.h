/* What an archive is made of, for those who read and those who write it: tar(5). */
#ifndef TSPOD_TARFORMAT_H
#define TSPOD_TARFORMAT_H

#define BLOCK 512

/* tar(5), the ustar header; `prefix` is other things in other formats. */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char devmajor[8];
	char devminor[8];
	char prefix[155];
	char pad[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "tar(5)");

#endif
