/* native/lib/util.c, fds.c. */
#include "lib/util.h"

#include <fcntl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

#include "lib/fds.h"
#include "lib/identity.h"
#include "remove.h"
#include "tap.h"

static void test_numbers(void)
{
	uint64_t n;

	ok(parse_number("42", 10, 100, &n) == 0 && n == 42, "a decimal number is read");
	ok(parse_number("ff", 16, UINT64_MAX, &n) == 0 && n == 255, "a hexadecimal number is read");
	ok(parse_number("101", 10, 100, &n) == -ERANGE, "a number above its limit is refused");
	ok(parse_number("18446744073709551616", 10, UINT64_MAX, &n) == -ERANGE,
	   "a number of 65 bits is refused");
	ok(parse_number("", 10, 1, &n) == -EINVAL && parse_number("-1", 10, 1, &n) == -EINVAL &&
	   parse_number(" 1", 10, 9, &n) == -EINVAL && parse_number("1x", 10, 9, &n) == -EINVAL,
	   "what is no number is refused");
}

static void test_times(void)
{
	char text[TIME_SIZE];

	format_time(text, &(struct timespec){ .tv_sec = 0, .tv_nsec = 1 }, "Z");
	ok(strcmp(text, "1970-01-01T00:00:00.000000001Z") == 0, "time begins in 1970");
	format_time(text, &(struct timespec){ .tv_sec = 1709210096, .tv_nsec = 0 }, "+00:00");
	ok(strcmp(text, "2024-02-29T12:34:56.000000000+00:00") == 0, "a leap year has its day");
	format_time(text, &(struct timespec){ .tv_sec = 4107542399, .tv_nsec = 999999999 }, "Z");
	ok(strcmp(text, "2100-02-28T23:59:59.999999999Z") == 0, "the year 2100 is none");
}

static void test_files(const char *top)
{
	char text[32];
	autoclose int dir = open(top, O_PATH | O_DIRECTORY);

	ok(replace_file_at(dir, "state", "one", 3, false) == 0 &&
		   replace_file_at(dir, "state", "two", 3, true) == 0 &&
		   read_file_at(dir, "state", text, sizeof(text)) == 3 && strcmp(text, "two") == 0,
	   "a file is replaced");
	ok(faccessat(dir, ".state.new", F_OK, 0) < 0, "nothing staged is left");
	ok(read_file_at(dir, "state", text, 3) == -EFBIG, "a file that is too long is refused");
	must(symlinkat("state", dir, "link"));
	ok(write_file_at(dir, "link", "x", 1) == -ELOOP,
	   "a value is not written through a symlink");
}

static void test_processes(void)
{
	uint64_t ticks;
	char id[BOOT_ID_SIZE];
	autoclose int pidfd = pidfd_open(getpid(), 0);

	ok(pidfd_pid(pidfd) == getpid(), "a pidfd tells its pid");
	ok(proc_start_time(getpid(), &ticks) == 0 && ticks > 0, "a process has its start time");
	ok(read_boot_id(id) == 0 && strlen(id) == 36, "a boot has its id");
}

static void test_descriptors(void)
{
	int pair[2], fds[2] = { -1, -1 };
	unsigned count = 2;
	char byte;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	send_fds(pair[0], "x", 1, pair, 2, 0);
	ok(recv_fds(pair[1], &byte, 1, fds, &count, 0) == 1 && count == 2 &&
		   fcntl(fds[1], F_GETFD) == FD_CLOEXEC,
	   "descriptors arrive close-on-exec");
	count = 1;
	send_fds(pair[0], "x", 1, pair, 2, 0);
	ok(recv_fds(pair[1], &byte, 1, fds, &count, 0) == -EMSGSIZE && count == 0,
	   "more of them than room are all closed");
}

static void test_json(void)
{
	char out[32] = "\"", small[10] = "";

	json_escape(out, sizeof(out), "a\"\\\n");
	ok(strcmp(out, "\"a\\\"\\\\\\u000a") == 0, "JSON content is escaped");
	json_escape(small, sizeof(small), "abcdefghijklmnop");
	ok(strlen(small) < sizeof(small), "what does not fit is cut");
}

int main(void)
{
	char *top = tap_directory();

	test_numbers();
	test_times();
	test_files(top);
	test_processes();
	test_descriptors();
	test_json();
	remove_tree(AT_FDCWD, top);
	return done();
}
