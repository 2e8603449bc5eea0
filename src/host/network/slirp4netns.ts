/** slirp4netns: a user-mode network for the monitor's network namespace. */
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { hasCode, TspodError } from '../../errors.ts';
import type { NetworkDriver, PortForward } from '../../plan/network.ts';
import type { NetworkTarget, RunningNetwork } from './index.ts';

type SlirpDriver = Extract<NetworkDriver, { kind: 'slirp4netns' }>;

/** Descriptors of slirp4netns after the standard ones. */
const READY_FD = 3;
const EXIT_FD = 4;

/** In the container's runtime directory. */
const API_SOCKET = 'slirp4netns.sock';

/**
 * As root it makes its sandbox in a mount namespace that shares the host's mounts, so unmounting the old root in there
 * would unmount /dev/pts, /dev/shm and others of the host: mount_namespaces(7), "Peer groups".
 */
const OWN_MOUNTS = ['unshare', '--mount', '--propagation', 'slave', '--'];

/**
 * Start slirp4netns. It ends with the monitor: the read end of a pipe that nobody but the monitor writes to is its
 * `--exit-fd`.
 *
 * @throws {TspodError} when it is not installed
 */
export async function startSlirp(driver: SlirpDriver, target: NetworkTarget): Promise<RunningNetwork> {
  const program = target.facts.helpers.slirp4netns;
  if (program === undefined) {
    throw new TspodError('the network needs the program "slirp4netns", which is not installed', {
      remedy:
        'An administrator installs it: apt-get install slirp4netns (Debian, Ubuntu), dnf install slirp4netns (Fedora); or run without a network: --network none',
    });
  }
  const [{ execa }] = await Promise.all([import('execa'), target.mapped]);
  const logPath = join(target.runDir, 'slirp4netns.log');
  const log = openSync(logPath, 'w', 0o600);
  const exit = openLifeline(target);
  const [command, ...args] = [...(target.facts.uid === 0 ? OWN_MOUNTS : []), program];
  const child = execa(
    command,
    [
      ...args,
      ...driver.args,
      `--ready-fd=${READY_FD}`,
      `--exit-fd=${EXIT_FD}`,
      ...(driver.forwards.length > 0 ? [`--api-socket=${API_SOCKET}`] : []),
      String(target.monitorPid),
      'tap0',
    ],
    {
      cwd: target.runDir, // The whole path of the socket may be longer than an address can be: unix(7).
      stdio: ['ignore', descriptor(log), descriptor(log), 'pipe', descriptor(exit)],
      buffer: false,
      reject: false,
      cleanup: false, // It stays when we go.
      detached: true, // Ctrl-C at our terminal is not for it.
    },
  );
  closeSync(log);
  closeSync(exit);
  const { pid } = child;
  const readyEnd = child.stdio[READY_FD] as Readable | null | undefined;
  if (pid === undefined || !readyEnd) throw await explainStart(program, child);
  const ready = waitUntilReady(readyEnd, logPath).then(() =>
    openPorts(driver.forwards, { runDir: target.runDir, logPath }),
  );
  ready.catch(() => undefined);
  let isReleased = false;
  return {
    pids: [pid],
    connect: () => ready,
    release() {
      isReleased = true;
      readyEnd.destroy();
      child.unref();
    },
    async [Symbol.asyncDispose]() {
      if (!isReleased) child.kill('SIGKILL');
      readyEnd.destroy();
      child.unref();
      await Promise.resolve();
    },
  };
}

/** @throws {TspodError} when the monitor was killed meanwhile: nobody may look into a zombie */
function openLifeline({ monitorPid, lifeline }: NetworkTarget): number {
  try {
    return openSync(`/proc/${monitorPid}/fd/${lifeline}`, 'r');
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT', 'ESRCH', 'EACCES')) throw cause;
    throw new TspodError('the monitor of the container ended unexpectedly', { cause, remedy: 'tspod doctor' });
  }
}

/** execa's type knows the first ten descriptors; Node takes any. */
function descriptor(fd: number): 3 {
  return fd as 3;
}

async function explainStart(program: string, child: PromiseLike<{ readonly cause?: unknown }>): Promise<TspodError> {
  const { cause } = await child;
  return new TspodError(`"${program}" cannot be started`, { cause, remedy: `Look at it: ls -l ${program}` });
}

/** It writes one byte when the interface is up, and closes the pipe also when it fails. */
async function waitUntilReady(pipe: Readable, logPath: string): Promise<void> {
  const isReady = await new Promise<boolean>((resolve) => {
    pipe.once('data', () => resolve(true));
    pipe.once('close', () => resolve(false));
    pipe.once('error', () => resolve(false));
  });
  if (!isReady) throw await explainFailure(readFileSync(logPath, 'utf8'));
}

async function explainFailure(log: string): Promise<TspodError> {
  const { explainDevice } = await import('../device-error.ts');
  const missing = explainDevice('slirp4netns', '/dev/net/tun', 'run without a network: --network none');
  if (missing !== undefined) return missing;
  // A warning, which may follow a reason on its line, is not one.
  const line =
    log
      .replaceAll(/\.?WARNING: .*/g, '')
      .trim()
      .split('\n')
      .at(-1) || 'it has ended without saying why';
  return new TspodError(`slirp4netns cannot make the network of the container: ${line}`, {
    remedy: 'Run without a network: --network none; tspod doctor',
  });
}

/** slirp4netns(1), "API SOCKET": one JSON request a connection. */
async function openPorts(
  forwards: readonly PortForward[],
  { runDir, logPath }: Readonly<Record<'runDir' | 'logPath', string>>,
): Promise<void> {
  for (const forward of forwards) {
    const answer = await ask(runDir, {
      execute: 'add_hostfwd',
      arguments: {
        proto: forward.protocol,
        host_addr: forward.hostIp,
        host_port: forward.hostPort,
        guest_port: forward.containerPort,
      },
    });
    if (answer === '') throw await explainFailure(readFileSync(logPath, 'utf8'));
    const { error } = JSON.parse(answer) as { readonly error?: { readonly desc?: string } };
    if (error === undefined) continue;
    const port = `the ${forward.protocol} port "${forward.hostPort}" of "${forward.hostIp}"`;
    throw new TspodError(`${port} cannot be opened by slirp4netns: ${error.desc ?? answer}`, {
      remedy: `Choose another one, or see who has it: ss -l${forward.protocol === 'tcp' ? 't' : 'u'}np 'sport = :${forward.hostPort}'; tspod ps`,
    });
  }
  rmSync(join(runDir, API_SOCKET), { force: true }); // Nobody asks again, and it is not for others.
}

/** @returns nothing when it has ended */
async function ask(runDir: string, request: unknown): Promise<string> {
  const directory = openSync(runDir, 'r');
  const socket = connect(`/proc/self/fd/${directory}/${API_SOCKET}`);
  socket.end(JSON.stringify(request));
  let answer = '';
  try {
    for await (const chunk of socket.setEncoding('utf8')) answer += String(chunk);
    return answer;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE')) return '';
    throw error;
  } finally {
    closeSync(directory);
  }
}
