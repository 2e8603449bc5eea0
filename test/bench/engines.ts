/** The two engines of the comparison, each with a store of its own and the same words on the command line. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { onPath } from '../../packaging/host-needs.mjs';
import { eventually } from '../support/tspod.ts';

const TSPOD = join(import.meta.dirname, '../../dist/tspod');

export interface Engine {
  readonly name: 'tspod' | 'podman';
  /** Program and global options. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly versions: string;
  /** The folder of its store. */
  readonly folder: string;
  /** The same engine with another store. */
  readonly at: (folder: string) => Engine;
  /** Make containers that never run, as quickly as the engine can. */
  readonly createMany: (count: number, image: string) => Promise<void>;
  /** The processes beside the running containers. */
  readonly monitorPids: () => readonly number[];
}

export function tspodEngine(folder: string): Engine {
  const env = environment(folder);
  const { stdout } = spawnSync(TSPOD, ['--version'], { env, encoding: 'utf8' });
  const engine: Engine = {
    name: 'tspod',
    command: [TSPOD],
    env,
    versions: stdout.trim(),
    folder,
    at: tspodEngine,
    createMany: async (count, image) => {
      for (let made = 0; made < count; made += 4) {
        await Promise.all([0, 1, 2, 3].map(() => call(engine, 'create', '--network', 'none', image, 'true')));
      }
    },
    monitorPids: () => {
      const containers = join(folder, 'data/tspod/containers');
      return readdirSync(containers)
        .map((id) => join(containers, id, 'init.json'))
        .filter((path) => existsSync(path))
        .map((path) => (JSON.parse(readFileSync(path, 'utf8')) as { monitorPid: number }).monitorPid);
    },
  };
  return engine;
}

/** Podman with crun where that accepts the host's cgroups, else with runc; undefined where there is no Podman. */
export function podmanEngine(folder: string): Engine | undefined {
  return onPath('podman') ? podmanAt(folder) : undefined;
}

function podmanAt(folder: string): Engine {
  const env = environment(folder);
  // The kernel's overlay, which Podman's own packages choose, also where an empty store would make it choose vfs.
  const global = ['--root', join(folder, 'root'), '--runroot', join(folder, 'runroot'), '--storage-driver', 'overlay'];
  const runtime = crunWorks() ? 'crun' : 'runc';
  const engine: Engine = {
    name: 'podman',
    command: ['podman', ...global, '--runtime', runtime],
    env,
    versions: [
      firstLine('podman', '--version'),
      firstLine(runtime, '--version'),
      firstLine('conmon', '--version'),
    ].join(', '),
    folder,
    at: podmanAt,
    createMany: (count, image) => createThroughService(engine, folder, count, image),
    monitorPids: () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
          const words = commandLine(pid);
          return words[0]?.endsWith('conmon') && words.some((word) => word.startsWith(folder));
        })
        .map(Number),
  };
  return engine;
}

/** Run one command to its end; what it says on failure is the error. */
export async function call(engine: Engine, ...args: readonly string[]): Promise<void> {
  const [program = '', ...global] = engine.command;
  const child = spawn(program, [...global, ...args], { env: engine.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${engine.name} ${args.join(' ')}: exit ${String(code)}: ${said.trim()}`);
}

/** Podman keeps a mount of its store, and a process for its user namespace until `system migrate`. */
export async function removeStore(engine: Engine): Promise<void> {
  const ignore = () => undefined; // What a failed bench has left half made is removed with the folder.
  await call(engine, 'rm', '--all', '--force', '--time', '0').catch(ignore);
  const script = 'umount "$0/root/overlay"; rm -rf "$0/root" "$0/data"';
  await call(engine, 'unshare', 'sh', '-c', script, engine.folder).catch(ignore);
  if (engine.name === 'podman') await call(engine, 'system', 'migrate').catch(ignore);
}

/** One Podman process makes them all: a process each would take two minutes for a thousand. */
async function createThroughService(engine: Engine, folder: string, count: number, image: string): Promise<void> {
  const socketPath = join(folder, 'service.sock');
  const [program = '', ...global] = engine.command;
  const service = spawn(program, [...global, 'system', 'service', '--time', '0', `unix://${socketPath}`], {
    env: engine.env,
    stdio: 'ignore',
  });
  try {
    await eventually(() => existsSync(socketPath), 'podman system service listens');
    const body = JSON.stringify({ image, command: ['true'], netns: { nsmode: 'none' } });
    for (let made = 0; made < count; made += 8) {
      await Promise.all(Array.from({ length: 8 }, () => post(socketPath, '/v4.0.0/libpod/containers/create', body)));
    }
  } finally {
    const ended = once(service, 'close');
    service.kill();
    await ended;
  }
}

async function post(socketPath: string, path: string, body: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), host: 'podman' };
    const sent = request({ socketPath, path, method: 'POST', headers }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 201) resolve();
        else reject(new Error(`podman's service answers ${String(response.statusCode)} to ${path}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** crun 1.8 refuses a hybrid cgroup hierarchy whose v2 side has a controller. */
function crunWorks(): boolean {
  if (!onPath('crun')) return false;
  const unified = '/sys/fs/cgroup/unified/cgroup.controllers';
  return !existsSync(unified) || readFileSync(unified, 'utf8').trim() === '';
}

function environment(folder: string): Readonly<Record<string, string>> {
  const inFolder = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    return join(folder, name);
  };
  const bus = process.env['DBUS_SESSION_BUS_ADDRESS'];
  return {
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
    HOME: inFolder('home'),
    XDG_DATA_HOME: inFolder('data'),
    XDG_CONFIG_HOME: inFolder('config'),
    XDG_RUNTIME_DIR: inFolder('run'),
    ...(bus ? { DBUS_SESSION_BUS_ADDRESS: bus } : {}),
  };
}

function firstLine(program: string, ...args: readonly string[]): string {
  const [line = program] = execFileSync(program, args, {
    encoding: 'utf8',
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  }).split('\n');
  return line.replace(' version', '').replace(/[:,]$/, '');
}

function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // It has ended meanwhile.
  }
}
