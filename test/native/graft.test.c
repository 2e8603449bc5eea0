/* native/graft.c, with a fake of the monitor that has a directory's mount to give. */
#include "tap.h"
#include "monitor.h"

#include <sched.h>
#include <sys/mount.h>

static char *rundir;

static pid_t graft(void)
{
	static char *argv[] = { "graft", NULL, "target", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t client;

	argv[1] = rundir;
	client = client_start(verb_graft, argv, (int[]){ null, null, null }, 0);
	close(null);
	return client;
}

static void refused(void)
{
	struct peer peer;
	pid_t client = graft();

	peer_accept(&peer);
	ok(peer_asked(&peer, "root 0"), "the monitor is asked for the root file system");
	peer_send(&peer, FRAME_FAILED, "0 38");
	ok(client_end(client) == 125, "a monitor that does not know the request is an error");
	peer_close(&peer);
}

static void without_answer(void)
{
	struct peer peer;
	pid_t client = graft();

	peer_accept(&peer);
	peer_close(&peer);
	ok(client_end(client) == 125, "a monitor that hangs up is an error");
	client = graft();
	peer_accept(&peer);
	peer_send(&peer, FRAME_RUNNING, "");
	ok(client_end(client) == 125, "and an answer that brings no mount");
	peer_close(&peer);
}

static void mounted(void)
{
	struct peer peer;
	int mount = open_tree(AT_FDCWD, "source", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	pid_t client = graft();

	peer_accept(&peer);
	frame_send_fds(peer.sock, FRAME_RUNNING, "", 0, &mount, 1);
	ok(client_end(client) == 0 && access("target/file", F_OK) == 0,
	   "the mount that comes with the answer is mounted");
	peer_close(&peer);
	close(mount);
	umount2("target", MNT_DETACH);
}

int main(void)
{
	bool may_mount = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;

	rundir = monitor_listen();
	if (mkdir("source", 0700) < 0 || mkdir("target", 0700) < 0 ||
	    mknod("source/file", S_IFREG, 0) < 0)
		return 2;
	refused();
	without_answer();
	if (may_mount)
		mounted();
	else
		skip("the mount that comes with the answer is mounted", "user namespaces");
	unlink("source/file");
	unlink("attach");
	rmdir("source");
	rmdir("target");
	rmdir(rundir);
	return done();
}
