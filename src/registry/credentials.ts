/** Who we are to a registry: containers-auth.json(5), Docker's config.json and credential helpers. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { hasCode, TspodError, UsageError } from '../errors.ts';
import { sessionDirectory } from '../host/paths.ts';
import { decode, map, object, optional, string, type Decoded } from '../model/decode.ts';
import { DOCKER_HUB } from '../model/image-reference.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** A refresh token that stands in for both: the helper protocol's `<token>`, Docker's identitytoken. */
  readonly identityToken?: string;
}

export interface CredentialsQuery {
  /** `host[:port]`; `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly repository: string;
  /** `--authfile` */
  readonly authFile?: string | undefined;
  /** `credential-helpers` of registries.conf. */
  readonly helpers?: readonly string[];
}

/** Parse `--creds USER:PASSWORD`. */
export function parseCredentials(text: string): Credentials {
  const colon = text.indexOf(':');
  if (colon <= 0) {
    throw new UsageError(`"--creds" needs a user and a password`, { remedy: 'Write it as --creds USER:PASSWORD' });
  }
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * Find the credentials of a repository: file by file, in each the most specific key first.
 *
 * @throws {TspodError} when a file is malformed or a helper fails
 */
export async function findCredentials(query: CredentialsQuery): Promise<Credentials | undefined> {
  for (const path of authFiles(query.authFile)) {
    const file = await readAuthFile(path);
    const found = file && (await findInFile(file, path, query));
    if (found) return found;
  }
  for (const helper of query.helpers ?? []) {
    if (helper === 'containers-auth.json') continue; // registries.conf's word for the files above.
    const found = await askHelper(helper, query.registry);
    if (found) return found;
  }
  return undefined;
}

/** The file that `login` writes. */
export function primaryAuthFile(chosen?: string): string {
  return chosen ?? (process.env['REGISTRY_AUTH_FILE'] || runtimeAuthFile());
}

/** Keys under which the files name the registry itself; Docker Hub has had several. */
export function registryKeys(registry: string): string[] {
  return registry === DOCKER_HUB ? [DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io'] : [registry];
}

type AuthFile = Decoded<typeof authFileSchema>;

const authFileSchema = object({
  auths: optional(
    map(
      object({
        auth: optional(string),
        username: optional(string),
        password: optional(string),
        identitytoken: optional(string),
      }),
    ),
  ),
  credHelpers: optional(map(string)),
  credsStore: optional(string),
});

/** A file that the user names is the only one. */
function authFiles(chosen: string | undefined): string[] {
  const only = chosen ?? (process.env['REGISTRY_AUTH_FILE'] || undefined);
  if (only !== undefined) return [only];
  const config = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const docker = process.env['DOCKER_CONFIG'] || join(homedir(), '.docker');
  return [runtimeAuthFile(), join(config, 'containers/auth.json'), join(docker, 'config.json')];
}

/** Podman's place for who has no runtime directory: theirs and ours must be the same file. */
const SHARED_DIRECTORY = '/run/containers';

function runtimeAuthFile(): string {
  const session = sessionDirectory();
  if (session !== undefined) return join(session, 'containers/auth.json');
  return join(SHARED_DIRECTORY, String(process.getuid?.() ?? 0), 'auth.json');
}

async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (hasCode(error, 'EACCES') && path.startsWith(SHARED_DIRECTORY)) return undefined; // Root's Podman was first: it is root's.
    throw new TspodError(`cannot read the credentials in "${path}"`, {
      cause: error,
      remedy: `Make it readable to you alone: chmod 600 ${path}`,
    });
  }
  if (text.trim() === '') return undefined;
  try {
    return decode(authFileSchema, text, path);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.message, { cause: error, remedy: `Repair or remove it: ${path}` });
  }
}

async function findInFile(file: AuthFile, path: string, query: CredentialsQuery): Promise<Credentials | undefined> {
  const { registry, repository } = query;
  const hosts = registryKeys(registry);
  for (const host of hosts) {
    const helper = file.credHelpers?.[host];
    if (helper !== undefined) return await askHelper(helper, host);
  }
  const entries = Object.entries(file.auths ?? {}).map(([key, entry]) => ({ key: normalizeKey(key), entry }));
  for (const key of lookupKeys(hosts, repository)) {
    for (const { entry } of entries.filter((candidate) => candidate.key === key)) {
      const found = toCredentials(entry, path, key);
      if (found) return found;
    }
  }
  if (file.credsStore === undefined) return undefined;
  // Docker keeps Docker Hub's credentials under the address of its first registry.
  return await askHelper(file.credsStore, registry === DOCKER_HUB ? 'https://index.docker.io/v1/' : registry);
}

/** `host/a/b`, `host/a`, `host`. */
function lookupKeys(hosts: readonly string[], repository: string): string[] {
  const parts = repository.split('/');
  const paths = parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`);
  return ['', ...paths.toReversed()].toReversed().flatMap((path) => hosts.map((host) => `${host}${path}`));
}

/** Docker writes addresses where containers-auth.json(5) has names: `https://index.docker.io/v1/`. */
function normalizeKey(key: string): string {
  const address = /^https?:\/\//.test(key);
  const name = key.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  return address ? name.replace(/\/.*$/, '') : name.replace(/\/v[12]$/, '');
}

function toCredentials(
  { auth, username, password, identitytoken }: NonNullable<AuthFile['auths']>[string],
  path: string,
  key: string,
): Credentials | undefined {
  const token = identitytoken ? { identityToken: identitytoken } : {};
  if (auth) {
    const plain = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = plain.indexOf(':');
    if (colon < 0) {
      throw new TspodError(`the credentials of "${key}" in "${path}" are malformed`, {
        remedy: `Write them anew: tspod login --username USER ${key}`,
      });
    }
    return { username: plain.slice(0, colon), password: plain.slice(colon + 1), ...token };
  }
  if (username) return { username, password: password ?? '', ...token };
  return identitytoken ? { username: '', password: '', ...token } : undefined;
}

async function askHelper(helper: string, registry: string): Promise<Credentials | undefined> {
  const { askCredentialHelper } = await import('../host/credential-helper.ts');
  const answer = await askCredentialHelper(helper, registry);
  if (answer === undefined) return undefined;
  return answer.Username === '<token>'
    ? { username: '', password: '', identityToken: answer.Secret }
    : { username: answer.Username, password: answer.Secret };
}
