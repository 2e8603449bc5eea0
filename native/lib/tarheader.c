#include "lib/tarparts.h"

#include <errno.h>
#include <string.h>

static bool is_zero(const struct header *header)
{
	static const struct header zero;
	return memcmp(header, &zero, sizeof(zero)) == 0;
}

int tar_parse_field(const char *field, size_t len, int64_t *value)
{
	const unsigned char *p = (const unsigned char *)field, *end = p + len;

	if (*p & 0x80) {
		bool negative = *p & 0x40;
		uint64_t n = negative ? UINT64_MAX : 0;
		for (size_t i = 0; i < len; i++) {
			unsigned char byte = i > 0 ? p[i] : negative ? p[i] : p[i] & 0x7f;
			if (n >> 55 != (negative ? UINT64_MAX >> 55 : 0))
				return -EBADMSG;
			n = n << 8 | byte;
		}
		*value = (int64_t)n;
		return 0;
	}
	while (p < end && (*p == ' ' || *p == '\0'))
		p++;
	uint64_t n = 0;
	for (; p < end && *p >= '0' && *p <= '7'; p++) {
		if (n >> 60)
			return -EBADMSG;
		n = n << 3 | (uint64_t)(*p - '0');
	}
	if (p < end && *p != ' ' && *p != '\0')
		return -EBADMSG;
	*value = (int64_t)n;
	return 0;
}

int tar_parse_count(const char *field, size_t len, uint64_t *value)
{
	int64_t n;
	if (tar_parse_field(field, len, &n) < 0 || n < 0)
		return -EBADMSG;
	*value = (uint64_t)n;
	return 0;
}

/* The sum of all bytes, the checksum field as blanks; some old writers summed signed characters. */
static bool checksum_fits(const struct header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	int64_t recorded, plain = 0, with_sign = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		bool own =
			i >= offsetof(struct header, checksum) && i < offsetof(struct header, type);
		plain += own ? ' ' : bytes[i];
		with_sign += own ? ' ' : (signed char)bytes[i];
	}
	if (tar_parse_field(header->checksum, sizeof(header->checksum), &recorded) < 0)
		return false;
	return recorded == plain || recorded == with_sign;
}

int tar_read_header(struct tar_reader *r, struct header *header)
{
	int n = tar_read_block(r, header);
	if (n <= 0)
		return n;
	if (is_zero(header)) {
		n = tar_read_block(r, header);
		if (n <= 0)
			return n;
		r->complete = is_zero(header);
		return r->complete ? 0 : -EBADMSG;
	}
	return checksum_fits(header) ? 1 : -EBADMSG;
}

uint64_t tar_padding(uint64_t size)
{
	return (BLOCK - size % BLOCK) % BLOCK;
}
