#include "lib/utf8.h"

#include <stdbool.h>

/* What the first byte announces; 0: no sequence begins so. */
static size_t announced(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* Whether the first bytes of a sequence, as many as there are, fit together. */
static bool fits(const unsigned char *p, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return false;
	if (len < 2)
		return true;
	/* Overlong forms, surrogates, and what is above U+10FFFF. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
		return false;
	return !((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f));
}

size_t utf8_length(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t want = len > 0 ? announced(*p) : 0;

	return want > 0 && want <= len && fits(p, want) ? want : 0;
}

size_t utf8_unfinished(const char *text, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		const unsigned char *p = (const unsigned char *)text + len - back;
		if ((*p & 0xc0) == 0x80)
			continue;
		return announced(*p) > back && fits(p, back) ? back : 0;
	}
	return 0;
}
