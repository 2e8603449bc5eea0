/** The verbs of secrets: passwords and keys that containers get when they are made. */
import { readFileSync } from 'node:fs';
import { NotFoundError, TspodError, UsageError } from '../errors.ts';
import { randomHex } from '../host/random.ts';
import { parseSecretName, SECRET_SIZE } from '../model/secret.ts';
import { readSecrets, removeSecret, withSecrets, writeSecret, type StoredSecret } from '../store/secrets.ts';

/** Every secret, by name. */
export function listSecrets(): StoredSecret[] {
  return readSecrets();
}

export interface NewSecret {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly content: Buffer;
  /** What becomes of one that has the name: it is an error, it stays, or it gets the new content. */
  readonly existing: 'refuse' | 'keep' | 'replace';
}

/**
 * Keep a secret.
 *
 * @returns its id
 * @throws {UsageError} when the name is taken or malformed, or the content is empty or too large
 */
export async function createSecret({ name, labels, content, existing }: NewSecret): Promise<string> {
  parseSecretName(name);
  if (content.length === 0 || content.length >= SECRET_SIZE) {
    throw new UsageError(`the secret "${name}" would have ${content.length} bytes`, {
      remedy: `Give it more than 0 and less than ${SECRET_SIZE}.`,
    });
  }
  return await withSecrets(() => {
    const old = readSecrets().find((secret) => secret.name === name);
    if (old !== undefined && existing === 'keep') return Promise.resolve(old.id);
    if (old !== undefined && existing === 'refuse') {
      throw new UsageError(`the secret name "${name}" is already in use`, {
        remedy: `Choose another name, or give it the new content: tspod secret create --replace ${name} FILE`,
      });
    }
    const now = new Date().toISOString();
    // A replaced secret is another one, as in Podman, but tells when the name was first used.
    const id = randomHex(13).slice(0, 25);
    writeSecret({
      version: 1,
      id,
      name,
      created: old?.created ?? now,
      updated: now,
      labels,
      content: content.toString('base64'),
    });
    return Promise.resolve(id);
  });
}

/** @throws {TspodError} when the file cannot be read */
export function readSecretFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TspodError(`cannot read "${path}" for a secret: ${(cause as Error).message}`, {
      cause,
      remedy: `ls -l ${path}`,
    });
  }
}

/**
 * A secret by its name, its id, or the beginning of its id.
 *
 * @throws {NotFoundError} when there is none
 * @throws {UsageError} when several ids begin like this
 */
export function findSecret(text: string): StoredSecret {
  const secrets = readSecrets();
  const exact = secrets.find(({ name }) => name === text) ?? secrets.find(({ id }) => id === text);
  if (exact !== undefined) return exact;
  const similar = text === '' ? [] : secrets.filter(({ id }) => id.startsWith(text));
  if (similar.length > 1) {
    throw new UsageError(`more than one secret has an id that begins with "${text}"`, {
      remedy: `Give more of it: ${similar.map(({ id }) => id).join(', ')}`,
    });
  }
  const [found] = similar;
  if (found !== undefined) return found;
  throw new NotFoundError(`no secret with name or id "${text}": no such secret`, { remedy: 'tspod secret ls' });
}

/** What a secret is, as one line of text. */
export function readSecretText(text: string): string {
  return Buffer.from(findSecret(text).content, 'base64')
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/**
 * Forget a secret; containers keep what they have of it.
 *
 * @returns its id
 * @throws {NotFoundError} when there is none
 */
export async function forgetSecret(text: string): Promise<string> {
  return await withSecrets(() => {
    const { id, name } = findSecret(text);
    removeSecret(name);
    return Promise.resolve(id);
  });
}

/**
 * Forget every secret.
 *
 * @returns the ids
 */
export async function forgetAllSecrets(): Promise<string[]> {
  return await withSecrets(() => {
    const secrets = readSecrets();
    for (const { name } of secrets) removeSecret(name);
    return Promise.resolve(secrets.map(({ id }) => id));
  });
}
