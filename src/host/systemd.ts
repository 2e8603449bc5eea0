/** The user's systemd: transient scopes, so that a container has a cgroup with the delegated controllers. */
import { accessSync, constants, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TspodError, UsageError } from '../errors.ts';
import type { DbusCall, DbusValue } from './dbus-message.ts';
import { DbusConnection, DbusError, type DbusPatience } from './dbus.ts';
import { outerUid } from './id-map.ts';
import { isEmptyScope } from './scopes.ts';

export interface ScopeRequest {
  /** `tspod-<id>.scope` */
  readonly name: string;
  readonly description: string;
  /** As the host sees them. Each must still run as our own uid: systemd refuses to move others' processes. */
  readonly pids: readonly number[];
  /** `--cgroup-parent`, a slice of the user's manager. */
  readonly slice?: string;
}

export interface UserBus extends AsyncDisposable {
  /**
   * Put processes into a new scope that is delegated to us; resolves once they are in it.
   *
   * @throws {TspodError} when systemd cannot be reached or refuses
   */
  startScope(request: ScopeRequest): Promise<void>;
}

/** Where systemd may be reached, the nearest first. */
export interface SystemdAddress {
  readonly path: string;
  /** A message bus between us and systemd, which wants a Hello first. */
  readonly isBus: boolean;
}

/**
 * Begin to connect to the user's systemd; the request for a scope goes out as soon as it is known.
 *
 * systemd's own socket, which systemctl uses too, is half as far as the bus and there without dbus-daemon.
 */
export function openUserBus(): UserBus {
  const address = findUserBus();
  if (address === undefined) {
    throw new TspodError('no systemd of yours is running that could make a cgroup for the container', {
      remedy: 'Log in by ssh or at the console instead of su or sudo, or run without limits: --cgroups=disabled',
    });
  }
  const connection = connectTo(address);
  return {
    startScope: (request) => startScope(connection, request, address),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** Have systemd forget scopes, those that are still empty once it has done what it was about to do. */
export async function removeEmptyScopes(names: readonly string[]): Promise<void> {
  const address = findUserBus();
  if (address === undefined) return; // Whoever made them has gone, and they with it.
  await using connection = connectTo(address, { timeoutMs: SWEEP_MS, signalTimeoutMs: SWEEP_MS });
  await ping(connection);
  for (const name of names.filter(isEmptyScope)) await stopUnit(connection, name);
}

/** How long a command that is about something else waits for a systemd that does not answer. */
const SWEEP_MS = 10_000;

/** Ask systemd for a sign of life. */
export async function pingSystemd(address: SystemdAddress): Promise<void> {
  await using connection = connectTo(address);
  await ping(connection);
}

/**
 * The address of the user's systemd, undefined without one. Root's is the system's. One outside of our pid
 * namespace is none: it would take the pids that we name for others' processes.
 */
export function findUserBus(): SystemdAddress | undefined {
  if (!sharesPidsWithSystemd()) return undefined;
  const uid = outerUid();
  const runtimes = [`/run/user/${uid}`, process.env['XDG_RUNTIME_DIR'] ?? ''].filter((path) => path !== '');
  const sockets = [
    ...runtimes.map((path) => join(path, 'systemd/private')),
    ...(uid === 0 ? ['/run/systemd/private'] : []),
  ];
  const direct = sockets.find(isOpenToUs);
  if (direct !== undefined) return { path: direct, isBus: false };
  const bus = [...sessionBus(), ...runtimes.map((path) => join(path, 'bus'))].find(
    (path) => path.startsWith('@') || isOpenToUs(path),
  );
  return bus === undefined ? undefined : { path: bus, isBus: true };
}

/** Of the first pid namespace, or of a container's that runs systemd. */
function sharesPidsWithSystemd(): boolean {
  try {
    if (readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE) return true;
    return readFileSync('/proc/1/comm', 'latin1') === 'systemd\n';
  } catch {
    return false; // Process 1 is hidden from us (hidepid): it is no systemd that would know us.
  }
}

/** PROC_PID_INIT_INO: linux/proc_ns.h */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

function isOpenToUs(socket: string): boolean {
  try {
    accessSync(socket, constants.W_OK);
    return true;
  } catch {
    return false; // It is absent, or another user's: either way no systemd answers us there.
  }
}

const SYSTEMD = { destination: 'org.freedesktop.systemd1', path: '/org/freedesktop/systemd1' } as const;
const MANAGER = 'org.freedesktop.systemd1.Manager';

/** `unix:path=/run/user/1000/bus,guid=..;..`: D-Bus specification, "Server Addresses". */
function sessionBus(): string[] {
  const addresses = (process.env['DBUS_SESSION_BUS_ADDRESS'] ?? '').split(';');
  return addresses.flatMap((address) => {
    const [, kind, value] = /^unix:(?:.*,)?(path|abstract)=([^,]*)/.exec(address) ?? [];
    const path = value === undefined ? undefined : unescape(value);
    if (path === undefined) return [];
    return [kind === 'abstract' ? `@${path}` : path];
  });
}

/** Bytes stand as `%2f`; undefined: they are none, or no text, and nothing is at such a path. */
function unescape(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function connectTo({ path, isBus }: SystemdAddress, patience: DbusPatience = {}): DbusConnection {
  const connection = new DbusConnection(path, patience);
  if (isBus) sayHello(connection);
  return connection;
}

async function ping(connection: DbusConnection): Promise<void> {
  await connection.call({ ...SYSTEMD, interface: 'org.freedesktop.DBus.Peer', member: 'Ping' });
}

/** The bus gives us a name, and passes on the signals of jobs. */
function sayHello(connection: DbusConnection): void {
  const bus = {
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
  };
  const rule = `type='signal',interface='${MANAGER}',member='JobRemoved'`;
  const calls: DbusCall[] = [
    { ...bus, member: 'Hello' },
    { ...bus, member: 'AddMatch', body: [{ type: 's', value: rule }] },
    { ...SYSTEMD, interface: MANAGER, member: 'Subscribe' },
  ];
  for (const call of calls) connection.call(call).catch(() => undefined); // Its own call will fail and say so.
}

async function startScope(connection: DbusConnection, request: ScopeRequest, address: SystemdAddress): Promise<void> {
  const { name } = request;
  const start: DbusCall = {
    ...SYSTEMD,
    interface: MANAGER,
    member: 'StartTransientUnit',
    body: [
      { type: 's', value: name },
      { type: 's', value: 'fail' },
      { type: 'a(sv)', value: scopeProperties(request) },
      { type: 'a(sa(sv))', value: [] },
    ],
  };
  try {
    const result = await runJob(connection, name, start).catch(async (error: unknown) => {
      if (!isRefusal(error, 'UnitExists')) throw error;
      await stopUnit(connection, name); // Of the last start: systemd has not seen that it is empty, or never will.
      return await runJob(connection, name, start);
    });
    if (result === 'done') return;
    throw new TspodError(`systemd could not start "${name}": the job ended with "${result}"`, {
      remedy: `See why: journalctl --user --unit ${name}`,
    });
  } catch (error) {
    if (error instanceof DbusError) throw explainRefusal(error, request);
    if (error instanceof TspodError) throw error;
    throw new TspodError(`the user's systemd at "${address.path}" cannot be reached`, {
      cause: error,
      remedy: 'See whether it runs: systemctl --user status; or run without limits: --cgroups=disabled',
    });
  }
}

async function stopUnit(connection: DbusConnection, name: string): Promise<void> {
  const body = [name, 'replace'].map((value) => ({ type: 's', value }) as const);
  try {
    await runJob(connection, name, { ...SYSTEMD, interface: MANAGER, member: 'StopUnit', body });
  } catch (error) {
    if (!isRefusal(error, 'NoSuchUnit')) throw error; // It is gone meanwhile.
  }
}

/** Make a call that gives a unit a job, and wait for the end of that: `done`, or why it did not come to it. */
async function runJob(connection: DbusConnection, unit: string, call: DbusCall): Promise<string> {
  // Listening begins before the call: the job may be over before its reply is read.
  const removed = connection.signal(({ member, args }) => member === 'JobRemoved' && args[2] === unit);
  removed.catch(() => undefined);
  await connection.call(call);
  return String((await removed).args[3] ?? '');
}

function isRefusal(error: unknown, name: string): boolean {
  return error instanceof DbusError && error.errorName === `org.freedesktop.systemd1.${name}`;
}

/** @see https://www.freedesktop.org/software/systemd/man/org.freedesktop.systemd1.html for the types */
function scopeProperties({ description, pids, slice }: ScopeRequest): (readonly [string, DbusValue])[] {
  return [
    ['Description', { type: 's', value: description }],
    ['PIDs', { type: 'au', value: pids }],
    ['Delegate', { type: 'b', value: true }],
    ['CollectMode', { type: 's', value: 'inactive-or-failed' }],
    ...(slice === undefined ? [] : [['Slice', { type: 's', value: checkSlice(slice) }] as const]),
  ];
}

function checkSlice(slice: string): string {
  if (/^[\w:.\\-]+[.]slice$/.test(slice)) return slice;
  throw new UsageError(`the cgroup parent "${slice}" is no slice of systemd`, {
    remedy: 'Name one that ends in .slice: --cgroup-parent work.slice',
  });
}

function explainRefusal(error: DbusError, { name }: ScopeRequest): TspodError {
  return new TspodError(`systemd refused to start "${name}": ${error.message}`, {
    cause: error,
    remedy: isRefusal(error, 'UnitExists')
      ? `End what is left of it: systemctl --user stop ${name}`
      : 'Run without limits: --cgroups=disabled; tspod doctor',
  });
}
