/** Secrets: their names, and `--secret`, which gives them to containers. */
import { posix } from 'node:path/posix';
import { UsageError } from '../errors.ts';
import { splitCommaList } from './comma-list.ts';

/** How a container gets a secret: as a file, or as an environment variable. */
export type SecretPlace =
  | {
      readonly kind: 'mount';
      /** Without a slash first it is below /run/secrets. */
      readonly target: string;
      readonly uid: number;
      readonly gid: number;
      readonly mode: number;
    }
  | { readonly kind: 'env'; readonly target: string };

/** `--secret`: the name or id of a secret, and where it goes. */
export type SecretRequest = { readonly name: string } & SecretPlace;

/** A secret that a container has; `containers/<id>/secrets/<index>` is what it was when the container was made. */
export type SecretUse = SecretRequest & { readonly id: string };

/** bytes: less than that; podman-secret-create(1) */
export const SECRET_SIZE = 512_000;

/** Where a target without a slash first is. */
export const SECRETS_DIRECTORY = '/run/secrets';

const KEYS = ['type', 'target', 'uid', 'gid', 'mode'];
const DEFAULT_MODE = 0o444;

/**
 * Check the name of a secret.
 *
 * @throws {UsageError} when it is none
 */
export function parseSecretName(text: string): string {
  if (/^[a-zA-Z0-9](?:[a-zA-Z0-9_.-]{0,251}[a-zA-Z0-9])?$/.test(text)) return text;
  throw new UsageError(`"${text}" is not a name for a secret`, {
    remedy: 'Names are letters, digits, "_", "." and "-", with a letter or digit at both ends: db-password',
  });
}

/**
 * Parse `--secret`: `NAME[,type=mount|env][,target=..][,uid=..][,gid=..][,mode=..]`.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseSecret(text: string): SecretRequest {
  const refuse = (reason: string) =>
    new UsageError(`"${text}" is not a secret: ${reason}`, {
      remedy:
        'Write NAME[,type=mount|env,target=TARGET,uid=UID,gid=GID,mode=MODE]: db-password,target=password,mode=0400',
    });
  const [first = '', ...rest] = splitCommaList(text).map((part) => part.replace(/^(?:source|src)=/, ''));
  if (first === '' || first.includes('=')) throw refuse('its name is missing');
  const options = new Map<string, string>();
  for (const part of rest) {
    const [, key = part, value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
    if (!KEYS.includes(key)) throw refuse(`there is no option "${key}"`);
    if (value === '' || value.includes('\0')) throw refuse(`"${key}" has no value`);
    options.set(key, value);
  }
  return { name: first, ...placeOf(first, options, refuse) };
}

function placeOf(
  name: string,
  options: ReadonlyMap<string, string>,
  refuse: (reason: string) => UsageError,
): SecretPlace {
  const type = options.get('type') ?? 'mount';
  const target = options.get('target') ?? name;
  if (type === 'env') {
    if (['uid', 'gid', 'mode'].some((key) => options.has(key))) throw refuse('a variable has no uid, gid or mode');
    if (target.includes('=')) throw refuse(`"${target}" cannot be the name of a variable`);
    return { kind: 'env', target };
  }
  if (['/', SECRETS_DIRECTORY].includes(posix.resolve(SECRETS_DIRECTORY, target)))
    throw refuse(`"${target}" is a directory`);
  if (type !== 'mount') throw refuse(`there is no type "${type}"`);
  const mode = options.get('mode');
  if (mode !== undefined && !/^0?[0-7]{1,4}$/.test(mode)) throw refuse(`"${mode}" is not a mode in octal digits`);
  const id = (key: 'uid' | 'gid') => {
    const value = options.get(key) ?? '0';
    if (!/^\d{1,10}$/.test(value) || Number(value) > LAST_ID) throw refuse(`"${value}" is not a ${key}`);
    return Number(value);
  };
  return {
    kind: 'mount',
    target,
    uid: id('uid'),
    gid: id('gid'),
    mode: mode === undefined ? DEFAULT_MODE : parseInt(mode, 8),
  };
}

const LAST_ID = 4_294_967_294;
