/** What a test's tspod has left on the host once all its containers are removed. */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProcesses, parentOf, readText } from './processes.ts';

interface Traces {
  /** In the environment of every process that the test started. */
  readonly marker: string;
  /** The test's own directory. */
  readonly folder: string;
  readonly store: string;
  readonly runtime: string;
}

/** A process needs a moment to end, systemd one to forget a scope: what is there after 30 s stays. */
export async function findLeftovers(traces: Traces): Promise<readonly string[]> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const left = [...describeProcesses(traces), ...findMounts(traces), ...findCgroups(), ...findFiles(traces)];
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(50);
  }
}

/** By the environment they were started with, or by a file of the test that they name or hold. */
function describeProcesses({ marker, folder }: Traces): string[] {
  const left = findProcesses((commandLine, pid) => {
    if (pid === process.pid) return false;
    const text = readText(`/proc/${String(pid)}/environ`) + commandLine;
    if (isOrphanedForwarder(text) || isOrphanedPasta(commandLine, pid)) return true;
    const cwd = linkOf(`/proc/${String(pid)}/cwd`);
    return text.includes(marker) || text.includes(`${folder}/`) || cwd.startsWith(folder);
  });
  return left.map((pid) => `process ${String(pid)}: ${readText(`/proc/${String(pid)}/cmdline`).replaceAll('\0', ' ')}`);
}

/** It lets nobody read its environment, but its monitor stands in its command line: `forward PID`. */
function isOrphanedForwarder(text: string): boolean {
  const monitor = /tspod-monitor\0forward\0(\d+)\0/.exec(text)?.[1];
  return monitor !== undefined && !existsSync(`/proc/${monitor}`);
}

/** It lets nobody read its environment either, and is the child of a monitor, or of another pasta while that starts it. */
function isOrphanedPasta(commandLine: string, pid: number): boolean {
  if (!/\0--netns\0\/proc\/\d+\/ns\/net\0$/.test(commandLine)) return false;
  return !/tspod-monitor|pasta/.test(readText(`/proc/${String(parentOf(pid))}/cmdline`));
}

function findMounts({ folder }: Traces): string[] {
  return readText('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(`${folder}/`))
    .map((line) => `mount: ${line}`);
}

/** A scope or another cgroup of ours without a process: those of other tests, which run at the same time, have some. */
function findCgroups(): string[] {
  const uid = String(process.getuid?.());
  const manager = `/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service`;
  return findFolders(manager, /^tspod-(.*[.]scope|[0-9a-f]{64})$/)
    .filter((path) => readText(join(path, 'cgroup.events')).includes('populated 0'))
    .map((path) => `cgroup: ${path}`);
}

/** Below `folder`, by name; what goes while we look is not there. */
function findFolders(folder: string, name: RegExp): string[] {
  return foldersIn(folder).flatMap((entry) => {
    const path = join(folder, entry);
    return [...(name.test(entry) ? [path] : []), ...findFolders(path, name)];
  });
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

/** Removed containers have no directory, name or socket, and nothing half-written is anywhere. */
function findFiles({ store, runtime }: Traces): string[] {
  const containers = [join(store, 'containers'), join(store, 'containers/by-name'), join(runtime, 'containers')];
  const entries = containers.flatMap((folder) => namesIn(folder).map((name) => join(folder, name)));
  const staged = [store, runtime].flatMap((folder) =>
    namesIn(folder)
      .filter((name) => name.endsWith('.tmp'))
      .map((name) => join(folder, name)),
  );
  return [...entries.filter((path) => !containers.includes(path)), ...staged].map((path) => `file: ${path}`);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
