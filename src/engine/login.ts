/** Log in to a registry and out again. */
import { NotFoundError, TspodError } from '../errors.ts';
import { DOCKER_HUB, parseImageReference, parseRegistry } from '../model/image-reference.ts';
import {
  removeAllCredentials,
  removeCredentials,
  saveCredentials,
  type AuthFileChoice,
} from '../registry/auth-file.ts';
import { RegistryClient } from '../registry/client.ts';
import { findCredentials, type Credentials } from '../registry/credentials.ts';
import { readRegistriesConf } from '../registry/registries-conf.ts';

export interface LoginOptions extends AuthFileChoice {
  readonly tlsVerify?: boolean | undefined;
  readonly certDir?: string | undefined;
}

/** The registry that is meant when none is named: the first that short names are looked for on. */
export async function defaultRegistry(): Promise<string> {
  const { searchRegistries } = await readRegistriesConf();
  return searchRegistries?.[0] ?? DOCKER_HUB;
}

/**
 * Check a user and a password against a registry and keep them; gives the file they are in.
 *
 * @throws {TspodError} when the registry refuses them
 */
export async function login(
  key: string,
  { username, password }: { readonly username: string; readonly password: string },
  options: LoginOptions = {},
): Promise<string> {
  await using client = await connect(key, { username, password }, options);
  await client.checkLogin();
  return await saveCredentials(normalizeKey(key), { username, password }, options);
}

/** Who is logged in, if anybody. */
export async function findLogin(key: string, { authFile }: AuthFileChoice = {}): Promise<Credentials | undefined> {
  const { registry, repository } = parseKey(key);
  return await findCredentials({ registry, repository, authFile });
}

/**
 * Does the registry still take these?
 *
 * @throws {TspodError} when it cannot be reached
 */
export async function isLoginValid(
  key: string,
  credentials: Credentials,
  options: LoginOptions = {},
): Promise<boolean> {
  await using client = await connect(key, credentials, options);
  try {
    await client.checkLogin();
    return true;
  } catch (error) {
    if (error instanceof TspodError) return false;
    throw error;
  }
}

/** @throws {NotFoundError} when nobody is logged in */
export async function logout(key: string, options: AuthFileChoice = {}): Promise<void> {
  if (await removeCredentials(normalizeKey(key), options)) return;
  throw new NotFoundError(`not logged into "${key}"`, {
    remedy: 'Credentials in other files (~/.docker/config.json) are left alone.',
  });
}

/** Log out everywhere. */
export async function logoutEverywhere(options: AuthFileChoice = {}): Promise<void> {
  await removeAllCredentials(options);
}

async function connect(
  key: string,
  credentials: Credentials,
  { tlsVerify, certDir }: LoginOptions,
): Promise<RegistryClient> {
  const { registry } = parseKey(key);
  const { rules } = await readRegistriesConf();
  const insecure = rules.some(({ prefix, insecure: may }) => may && prefix === registry);
  return await RegistryClient.connect({ registry, repository: '', insecure }, { tlsVerify, certDir, credentials });
}

function normalizeKey(key: string): string {
  const { registry, repository } = parseKey(key);
  return repository === '' ? registry : `${registry}/${repository}`;
}

/** `host[:port][/namespace]`; an address is taken as Docker's users write it. */
function parseKey(key: string): { registry: string; repository: string } {
  const name = key
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '');
  const slash = name.indexOf('/');
  const registry = slash < 0 ? name : name.slice(0, slash);
  const repository = slash < 0 ? '' : name.slice(slash + 1);
  const known = parseRegistry(registry, key);
  if (repository !== '') parseImageReference(repository);
  return { registry: known, repository };
}
