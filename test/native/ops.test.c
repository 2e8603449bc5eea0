/* native/lib/ops.c: the wire form of ops. */
#include "lib/ops.h"
#include "tap.h"

static int decode(struct ops *ops, const char *text, size_t len, unsigned *bad)
{
	char *copy = calloc(1, len + 1);

	memcpy(copy, text, len);
	return ops_decode(ops, copy, len, bad);
}

#define DECODE(text) decode(&ops, text, sizeof(text) - 1, &bad)

int main(void)
{
	struct ops ops;
	unsigned bad;

	ok(DECODE("id\0"
		  "1\0abc\0pivot\0"
		  "0\0") == 0 &&
		   ops.count == 2,
	   "records follow each other");
	ok(ops.list[0].kind == OP_ID && ops.list[0].argc == 1 &&
		   strcmp(ops.list[0].argv[0], "abc") == 0 && ops.list[0].argv[1] == NULL,
	   "an op has its name and its arguments");
	ok(ops.list[1].kind == OP_PIVOT && ops.list[1].argc == 0 && ops.list[1].argv[0] == NULL,
	   "an op may have no arguments");
	ops_free(&ops);
	ok(DECODE("env\0"
		  "1\0\0") == 0 &&
		   ops.list[0].argv[0][0] == '\0',
	   "an argument may be empty");
	ops_free(&ops);
	ok(DECODE("") == 0 && ops.count == 0, "no ops are no error");
	ops_free(&ops);
	ok(DECODE("pivot\0"
		  "0\0nosuch\0"
		  "0\0") == -ENOSYS &&
		   bad == 1,
	   "an unknown op is refused by its number");
	ops_free(&ops);
	ok(DECODE("id\0"
		  "2\0a\0b\0") == -EINVAL &&
		   bad == 0,
	   "a wrong number of arguments is refused");
	ops_free(&ops);
	ok(DECODE("env\0"
		  "2\0a\0") == -EBADMSG,
	   "arguments that are missing at the end are refused");
	ops_free(&ops);
	ok(DECODE("env\0" "1\0a") == -EBADMSG, "a record without its last NUL is refused");
	ops_free(&ops);
	ok(DECODE("env\0-1\0a\0") == -EBADMSG, "a negative count is refused");
	ops_free(&ops);
	ok(DECODE("env\0"
		  "99999999999999999999\0a\0") == -EBADMSG,
	   "a count beyond all numbers is refused");
	ops_free(&ops);
	for (unsigned kind = 0; kind < OP_KINDS; kind++)
		if (!op_name(kind))
			ok(0, "every op has a name");
	return done();
}
