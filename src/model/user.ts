import { UsageError } from '../errors.ts';

/** The kernel keeps 4294967295 for "no change": setresuid(2). */
const LAST_ID = 4_294_967_294;

/**
 * Check `--user`: `[USER|UID][:[GROUP|GID]]`; names are looked up in the container. Nothing is the default user.
 *
 * @throws {UsageError} when a part is neither a name nor an id
 */
export function parseUser(text: string): string {
  const [user = '', group = '', more] = text.split(':');
  if (more === undefined && text !== ':' && [user, group].every(isNameOrId)) return text;
  throw new UsageError(`"${text}" is not a user`, { remedy: 'Write USER[:GROUP], by name or number: 1000:1000' });
}

/** Names as shadow-utils allows them, and with the dots and capitals of directory services. */
function isNameOrId(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) <= LAST_ID;
  return text === '' || /^[A-Za-z_][A-Za-z0-9_.@\\-]*\$?$/.test(text);
}
