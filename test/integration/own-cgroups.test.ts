import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { missing } from '../support/missing.ts';
import { tspodWithBusybox, type Tspod } from '../support/tspod.ts';

const needs = { skip: missing('systemd', 'cgroup:pids', 'subuid', 'tun') };

/** `gone WHEN` waits until no container has a cgroup in ours, and says which has one when that does not come. */
const prologue = `
own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
left() { ls $own | grep '^tspod-' | grep -v '^tspod-session$'; }
gone() { n=0; while left >/dev/null && test $((n += 1)) -lt 100; do sleep 0.1; done; left && echo "are left after $1"; true; }
quick() { tspod run --rm --network none busybox "$@"; }
monitor() { tspod inspect -f '{{.State.ConmonPid}}' "$1"; }
`;

/** Run a script in a delegated cgroup where nobody but tspod makes those of containers; what it prints. */
async function inOwnScope({ env, program }: Tspod, script: string): Promise<string> {
  const variables = Object.entries({ ...env, TSPOD_CGROUP_MANAGER: 'cgroupfs' }).map((pair) => pair.join('='));
  const shell = ['sh', '-c', `${prologue} tspod() { ${program} "$@"; }; ${script}`];
  const child = spawn('systemd-run', [
    ...['--user', '--scope', '--quiet', '--collect', '--property', 'Delegate=yes'],
    ...['env', ...variables, ...shell],
  ]);
  child.stdin.end();
  const [out, words] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  return Buffer.concat([...(out as Buffer[]), ...(words as Buffer[])])
    .toString()
    .trim();
}

test('a container that has ended leaves no cgroup, also where no systemd removes it', needs, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = `
    quick true; gone 'run --rm'
    tspod run --network none --name a busybox sh -c 'cat /proc/self/cgroup; exit 3'; echo $?; gone run
    tspod run -d --name b busybox sleep 1000 >/dev/null; left | wc -l
    tspod inspect -f '{{.HostConfig.CgroupManager}}' b
    tspod exec b true; tspod stop -t 0 b; gone stop
    tspod start b; left | wc -l; tspod rm -f -t 0 b; gone 'rm -f'
    quick /nothing 2>/dev/null; echo $?; gone 'a run that failed'
    cat /proc/self/cgroup | grep -o 'tspod-session$'`;
  assert.equal(await inOwnScope(tspod, script), '0::/\n3\n1\ncgroupfs\nb\nb\n1\nb\n127\ntspod-session');
});

test('a killed monitor leaves a cgroup that rm, cleanup, start and the next run remove', needs, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = `
    for next in 'rm -f c' 'container cleanup --rm c' 'start c' 'run --rm --network none busybox true'; do
      tspod run -d --replace --name c busybox sleep 1000 >/dev/null
      kill -9 $(monitor c); while left | grep -q . && grep -q 'populated 1' $own/$(left)/cgroup.events; do sleep 0.1; done
      left | wc -l; tspod $next >/dev/null
      case $next in start*) left | wc -l; kill -9 $(monitor c); tspod rm -f c >/dev/null;; esac
      left
    done`;
  assert.equal(await inOwnScope(tspod, script), '1\n1\n1\n1\n1');
});

test('a run removes cgroups that killed commands have left, and none with a process', needs, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = `
    empty=$own/tspod-$(printf %064d 0); busy=$own/tspod-$(printf %064d 1); other=$own/tspod-other
    quick true; mkdir -p $empty/container $empty/monitor $busy $other
    sleep 1000 & sleeper=$!; echo $sleeper >$busy/cgroup.procs
    quick true; ls -d $empty 2>/dev/null; ls -d $busy $other | wc -l
    kill $sleeper; wait; quick true; ls -d $busy 2>/dev/null; rmdir $other; gone 'a run'`;
  assert.equal(await inOwnScope(tspod, script), '2');
});

test('many containers at once do not take the cgroups of each other away', needs, async (t) => {
  const tspod = await tspodWithBusybox(t);
  const script = `
    for round in 1 2 3; do for n in 1 2 3 4 5 6; do quick echo well & done; wait; done; gone 'all of them'`;
  assert.equal(await inOwnScope(tspod, script), Array.from({ length: 18 }, () => 'well').join('\n'));
});
