/** The file of credentials that `login` and `logout` write, which Podman, Buildah and Skopeo share: containers-auth.json(5). */
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';
import { tellCredentialHelper } from '../host/credential-helper.ts';
import { ensureDirectory } from '../host/directory.ts';
import { withLock } from '../host/lock.ts';
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
  if (!Object.keys(file.auths ?? {}).some((name) => forgotten.has(name))) return false;
  await changeAuths(path, (auths) =>
    Object.fromEntries(Object.entries(auths).filter(([name]) => !forgotten.has(name))),
  );
  return true;
}

/** Forget all credentials in the file. */
export async function removeAllCredentials({ authFile }: AuthFileChoice = {}): Promise<void> {
  const path = primaryAuthFile(authFile);
  const file = await readRawFile(path);
  for (const [key, helper] of Object.entries(file.credHelpers ?? {})) await tellCredentialHelper(helper, 'erase', key);
  if (file.auths !== undefined) await changeAuths(path, () => ({}));
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

/** One process at a time: what another has written meanwhile stays. Podman has no lock of its own to take. */
async function changeAuths(path: string, change: (auths: Auths) => Auths): Promise<void> {
  const staged = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    ensureDirectory(dirname(path));
    await withLock(dirname(path), async () => {
      const file = await readRawFile(path);
      const changed = { ...file, auths: change(file.auths ?? {}) };
      await writeFile(staged, `${JSON.stringify(changed, null, '\t')}\n`, { mode: 0o600, flag: 'wx' });
      await rename(staged, path);
    });
  } catch (error) {
    await rm(staged, { force: true });
    if (error instanceof TspodError) throw error;
    throw new TspodError(`cannot write the credentials to "${path}"`, {
      cause: error,
      remedy: 'Name another file with --authfile or REGISTRY_AUTH_FILE.',
    });
  }
}
