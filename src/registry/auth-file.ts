/** The file of credentials that `login` and `logout` write, which Podman, Buildah and Skopeo share: containers-auth.json(5). */
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { GoneError, hasCode, TspodError } from '../errors.ts';
import { tellCredentialHelper } from '../host/credential-helper.ts';
import { ensureDirectory } from '../host/directory.ts';
import { withLock } from '../host/lock.ts';
import { replaceFile } from '../host/replace-file.ts';
import { removeStagedFiles } from '../host/staged-files.ts';
import { primaryAuthFile, registryKeys, type Credentials } from './credentials.ts';

export interface AuthFileChoice {
  /** `--authfile` */
  readonly authFile?: string | undefined;
}

/**
 * Keep credentials, in the helper that the file names for this registry or in the file itself; gives the file's path.
 *
 * @param key `host[:port][/namespace]`
 */
export async function saveCredentials(
  key: string,
  { username, password }: Credentials,
  { authFile }: AuthFileChoice = {},
): Promise<string> {
  const path = primaryAuthFile(authFile);
  const file = await readRawFile(path);
  const helper = file.credHelpers?.[key];
  if (helper !== undefined) {
    const entry = { ServerURL: key, Username: username, Secret: password };
    await tellCredentialHelper(helper, 'store', JSON.stringify(entry));
    return path;
  }
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  makeDirectory(path);
  await changeAuths(path, (auths) => ({ ...auths, [key]: { auth } }));
  return path;
}

/** Forget the credentials of a registry; false when there were none. */
export async function removeCredentials(key: string, { authFile }: AuthFileChoice = {}): Promise<boolean> {
  const path = primaryAuthFile(authFile);
  const file = await readRawFile(path);
  const helper = file.credHelpers?.[key];
  if (helper !== undefined) {
    await tellCredentialHelper(helper, 'erase', key);
    return true;
  }
  const forgotten = new Set(registryKeys(key));
  return await forgetAuths(path, (auths) =>
    Object.fromEntries(Object.entries(auths).filter(([name]) => !forgotten.has(name))),
  );
}

/** Forget all credentials in the file. */
export async function removeAllCredentials({ authFile }: AuthFileChoice = {}): Promise<void> {
  const path = primaryAuthFile(authFile);
  const file = await readRawFile(path);
  for (const [key, helper] of Object.entries(file.credHelpers ?? {})) await tellCredentialHelper(helper, 'erase', key);
  await forgetAuths(path, () => ({}));
}

type Auths = Readonly<Record<string, unknown>>;

/** The file as it is: what we do not know in it belongs to other tools and stays. */
interface RawAuthFile {
  readonly auths?: Auths;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

async function readRawFile(path: string): Promise<RawAuthFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return {};
    throw new TspodError(`cannot read the credentials in "${path}"`, { cause: error });
  }
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below: the parser's own message would quote a part of the file.
  }
  throw new TspodError(`the credentials in "${path}" are malformed`, { remedy: `Repair or remove it: ${path}` });
}

/** @returns whether there was something to forget */
async function forgetAuths(path: string, change: (auths: Auths) => Auths): Promise<boolean> {
  try {
    return await changeAuths(path, change);
  } catch (error) {
    if (error instanceof GoneError) return false; // There is no such directory, and nothing in it.
    throw error;
  }
}

function makeDirectory(path: string): void {
  try {
    ensureDirectory(dirname(path));
  } catch (error) {
    throw explainUnwritable(path, error);
  }
}

/**
 * One process at a time: what another has written meanwhile stays, and what a killed one has written goes. Podman has no
 * lock of its own to take.
 *
 * @returns whether something is different now
 */
async function changeAuths(path: string, change: (auths: Auths) => Auths): Promise<boolean> {
  try {
    return await withLock(dirname(path), async () => {
      removeStagedFiles(dirname(path), { name: basename(path) });
      const file = await readRawFile(path);
      const { auths = {} } = file;
      const changed = change(auths);
      if (isDeepStrictEqual(changed, auths)) return false;
      await replaceFile(path, `${JSON.stringify({ ...file, auths: changed }, null, '\t')}\n`);
      return true;
    });
  } catch (error) {
    if (error instanceof TspodError) throw error;
    throw explainUnwritable(path, error);
  }
}

function explainUnwritable(path: string, cause: unknown): TspodError {
  return new TspodError(`cannot write the credentials to "${path}"`, {
    cause,
    remedy: 'Name another file with --authfile or REGISTRY_AUTH_FILE.',
  });
}
