/*
 * The program of the built-in image localhost/tspod/hello: what a container sees of itself. It is
 * the whole image, so it needs nothing but the kernel.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#define FUSE_MAGIC 0x65735546
#define XFS_MAGIC 0x58465342
#define ZFS_MAGIC 0x2fc12fc1
#define CELL 256

/* One line of the report; the label stands on the first line of a list only. */
__attribute__((format(printf, 2, 3))) static void line(const char *label, const char *format, ...)
{
	va_list args;

	printf("  %-22s", label);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* The first line of a small file; false when there is none. */
static bool read_line(const char *path, char text[CELL])
{
	FILE *file = fopen(path, "re");
	bool found = file && fgets(text, CELL, file);

	if (found)
		text[strcspn(text, "\n")] = '\0';
	if (file)
		fclose(file);
	return found;
}

/* The value of `Name:` in /proc/self/status. */
static bool read_status(const char *name, char value[CELL])
{
	FILE *file = fopen("/proc/self/status", "re");
	size_t len = strlen(name);
	char text[CELL];
	bool found = false;

	while (file && !found && fgets(text, sizeof(text), file)) {
		if (strncmp(text, name, len) != 0 || text[len] != ':')
			continue;
		text[strcspn(text, "\n")] = '\0';
		strcpy(value, text + len + 1 + strspn(text + len + 1, " \t"));
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

static void show_process(void)
{
	char name[CELL] = "unknown", seccomp[CELL], privileges[CELL];
	static const char *const modes[] = { "off", "strict", "filter" };

	gethostname(name, sizeof(name) - 1);
	line("host name", "%s", name);
	line("process id", "pid %d of its own namespace", (int)getpid());
	line("user", "uid %u, gid %u", getuid(), getgid());
	if (read_status("Seccomp", seccomp)) {
		int mode = atoi(seccomp);
		line("seccomp", "mode %d (%s)", mode,
		     mode >= 0 && mode <= 2 ? modes[mode] : "unknown");
	}
	if (read_status("NoNewPrivs", privileges))
		line("no new privileges", "%s", strcmp(privileges, "1") == 0 ? "yes" : "no");
}

static void show_map(const char *label, const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned inside, outside, size;
	const char *shown = label;

	while (file && fscanf(file, "%u %u %u", &inside, &outside, &size) == 3) {
		if (size == 1)
			line(shown, "%u is %u outside", inside, outside);
		else
			line(shown, "%u-%u are %u-%u outside", inside, inside + size - 1,
			     outside, outside + size - 1);
		shown = "";
	}
	if (file)
		fclose(file);
}

/* capabilities(7), in the order of their bits. */
static const char *const capabilities[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid",
	"setuid", "setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin",
	"net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace",
	"sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time",
	"sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
	"mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read",
	"perfmon", "bpf", "checkpoint_restore",
};

static void show_capabilities(void)
{
	char text[CELL], row[CELL] = "";
	const char *label = "capabilities";

	if (!read_status("CapEff", text))
		return;
	unsigned long long mask = strtoull(text, NULL, 16);
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(*capabilities); i++) {
		if (!(mask >> i & 1))
			continue;
		if (strlen(row) + strlen(capabilities[i]) > 52) {
			line(label, "%s", row);
			label = "";
			row[0] = '\0';
		}
		strcat(strcat(row, *row ? " " : ""), capabilities[i]);
	}
	line(label, "%s", mask == 0 ? "none" : row);
}

/* A limit of our cgroup, cgroups(7); the namespace's root is the container's own. */
static void show_limit(const char *label, const char *file, const char *unit)
{
	char path[CELL], text[CELL];

	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", file);
	if (!read_line(path, text))
		line(label, "not limited here (no cgroup v2 controller)");
	else if (strcmp(text, "max") == 0)
		line(label, "not limited");
	else
		line(label, "%s%s", text, unit);
}

static const void *raw_address(const struct sockaddr *at)
{
	if (at->sa_family == AF_INET)
		return &((const struct sockaddr_in *)(const void *)at)->sin_addr;
	return &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr;
}

/* One line an interface, with its addresses; getifaddrs(3) lists each once without one. */
static void show_interfaces(void)
{
	struct ifaddrs *all, *one, *other;
	const char *label = "network";

	if (getifaddrs(&all) < 0)
		return;
	for (one = all; one; one = one->ifa_next) {
		char row[CELL * 2], address[INET6_ADDRSTRLEN];
		if (!one->ifa_addr || one->ifa_addr->sa_family != AF_PACKET)
			continue;
		snprintf(row, sizeof(row), "%s %s", one->ifa_name,
			 one->ifa_flags & IFF_UP ? "up" : "down");
		for (other = all; other; other = other->ifa_next) {
			const struct sockaddr *at = other->ifa_addr;
			if (!at || strcmp(other->ifa_name, one->ifa_name) != 0 ||
			    at->sa_family == AF_PACKET)
				continue;
			inet_ntop(at->sa_family, raw_address(at), address, sizeof(address));
			snprintf(row + strlen(row), sizeof(row) - strlen(row), " %s", address);
		}
		line(label, "%s", row);
		label = "";
	}
	freeifaddrs(all);
}

static void show_root(void)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} types[] = {
		{ OVERLAYFS_SUPER_MAGIC, "overlay" },
		{ FUSE_MAGIC, "fuse (fuse-overlayfs)" },
		{ EXT4_SUPER_MAGIC, "ext4" },
		{ BTRFS_SUPER_MAGIC, "btrfs" },
		{ XFS_MAGIC, "xfs" },
		{ TMPFS_MAGIC, "tmpfs" },
		{ ZFS_MAGIC, "zfs" },
	};
	struct statfs root;
	const char *name = NULL;

	if (statfs("/", &root) < 0)
		return;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types) && !name; i++)
		if (types[i].magic == ((unsigned long)root.f_type & 0xffffffff))
			name = types[i].name;
	if (name)
		line("root file system", "%s, %s", name,
		     access("/", W_OK) == 0 ? "writable" : "read-only");
	else
		line("root file system", "type %#lx", (unsigned long)root.f_type);
}

int main(void)
{
	puts("Hello from a container of tspod. This is what it sees:\n");
	show_process();
	show_map("user ids", "/proc/self/uid_map");
	show_map("group ids", "/proc/self/gid_map");
	show_capabilities();
	show_limit("memory limit", "memory.max", " bytes");
	show_limit("process limit", "pids.max", " processes");
	show_interfaces();
	show_root();
	return fflush(stdout) == 0 ? 0 : 1;
}
