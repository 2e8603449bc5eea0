/** Where things lie: the store, the runtime directory, and the program's own files. */
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { TspodError } from '../errors.ts';

let chosenStore: string | undefined;
let chosenRuntime: string | undefined;

/** The directory of dist/: the bundle, the native program and the built-in image. */
export function programPath(...parts: string[]): string {
  return join(process.env['TSPOD_DIST'] ?? import.meta.dirname, ...parts);
}

/** A path in the persistent store, `$XDG_DATA_HOME/tspod` unless `--root` says otherwise. */
export function storePath(...parts: string[]): string {
  chosenStore ??= join(absoluteVariable('XDG_DATA_HOME') ?? join(home(), '.local/share'), 'tspod');
  return join(chosenStore, ...parts);
}

/**
 * A path in the runtime directory, which is empty after a boot: `$XDG_RUNTIME_DIR/tspod`, without one of
 * ours the same below /run/user/UID, else a private directory in TMPDIR.
 *
 * @throws {TspodError} when the directory belongs to someone else
 */
export function runtimePath(...parts: string[]): string {
  chosenRuntime ??= findRuntimeDirectory();
  return join(chosenRuntime, ...parts);
}

/** The store and the runtime directory, as far as anybody has asked for them. */
export function knownPlaces(): { readonly store: string | undefined; readonly runtime: string | undefined } {
  return { store: chosenStore, runtime: chosenRuntime };
}

/** `$XDG_RUNTIME_DIR`, unless it belongs to somebody else: su(1) and sudo(8) may leave us that of whoever called them. */
export function sessionDirectory(): string | undefined {
  const path = absoluteVariable('XDG_RUNTIME_DIR');
  if (path === undefined) return undefined;
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  return owner === undefined || owner === process.getuid?.() ? path : undefined;
}

/** `--root` and `--runroot`; called before anything else asks for a path. */
export function choosePaths({
  root,
  runroot,
}: {
  readonly root?: string | undefined;
  readonly runroot?: string | undefined;
}): void {
  if (root) chosenStore = resolve(root);
  if (runroot) chosenRuntime = resolve(runroot);
}

/** A relative path is invalid and to be ignored: XDG Base Directory Specification. */
function absoluteVariable(name: string): string | undefined {
  const path = process.env[name];
  return path?.startsWith('/') === true ? path : undefined;
}

/** `$HOME`, or what /etc/passwd says where that is no place. */
function home(): string {
  const path = homedir();
  return path.startsWith('/') ? path : userInfo().homedir;
}

function findRuntimeDirectory(): string {
  const uid = process.getuid?.() ?? 0;
  const fromEnvironment = sessionDirectory();
  if (fromEnvironment !== undefined) return join(fromEnvironment, 'tspod');
  const ofSession = `/run/user/${uid}`;
  if (isOurs(ofSession, uid)) return join(ofSession, 'tspod');
  const fallback = join(tmpdir(), `tspod-run-${uid}`);
  mkdirSync(fallback, { recursive: true, mode: 0o700 });
  if (!isOurs(fallback, uid)) {
    throw new TspodError(`the runtime directory "${fallback}" belongs to another user or is open to others`, {
      remedy: 'Set XDG_RUNTIME_DIR to a directory of your own with mode 0700.',
    });
  }
  return fallback;
}

/** lstat: a symlink there is somebody's trick. */
function isOurs(path: string, uid: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.isDirectory() && stat.uid === uid && (stat.mode & 0o022) === 0;
}
