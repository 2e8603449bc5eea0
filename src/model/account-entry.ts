/** Lines of /etc/passwd and /etc/group for a user whom the image does not know. */
import { UsageError } from '../errors.ts';

/** What is added to /etc/passwd and /etc/group for a user that the image does not know. */
export interface AccountConfig {
  /** `--passwd=false`: nothing. */
  readonly isAdded: boolean;
  /** `--passwd-entry` and `--group-entry`, with their variables. */
  readonly passwdEntry?: string;
  readonly groupEntry?: string;
  /** `--hostuser`: lines for /etc/passwd. */
  readonly hostEntries?: readonly string[];
}

/**
 * Check a line for /etc/passwd: seven fields, of which the third is a number or `$UID`.
 *
 * @throws {UsageError} when it has another form
 */
export function parsePasswdEntry(text: string): string {
  if (isEntry(text, 7, '$UID')) return text;
  throw new UsageError(`"${text}" is not a line of /etc/passwd`, {
    remedy: 'Write NAME:PASSWORD:UID:GID:COMMENT:HOME:SHELL: $USERNAME:*:$UID:$GID::$HOME:/bin/sh',
  });
}

/**
 * Check a line for /etc/group: four fields, of which the third is a number or `$GID`.
 *
 * @throws {UsageError} when it has another form
 */
export function parseGroupEntry(text: string): string {
  if (isEntry(text, 4, '$GID')) return text;
  throw new UsageError(`"${text}" is not a line of /etc/group`, {
    remedy: 'Write NAME:PASSWORD:GID:USERS: $GROUPNAME:x:$GID:$USERLIST',
  });
}

/**
 * Check `--hostuser`: a name or an id, as /etc/passwd has it.
 *
 * @throws {UsageError} when it can be neither
 */
export function parseHostUser(text: string): string {
  if (/^[^\s:/-][^\s:/]*$/.test(text) && text.length < 256) return text;
  throw new UsageError(`"${text}" is not a user of the host`, { remedy: 'Give a name or an id: 1000' });
}

/** Replace `$NAME` by its value; an unknown one stays. */
export function expandEntry(entry: string, values: Readonly<Record<string, string | number>>): string {
  return entry.replace(/\$([A-Z]+)/g, (text, name: string) => String(values[name] ?? text));
}

function isEntry(text: string, fields: number, id: string): boolean {
  const parts = text.split(':');
  const [name = '', , number = ''] = parts;
  return (
    parts.length === fields &&
    /^[^\s:/]+$/.test(name) &&
    (number === id || /^\d{1,10}$/.test(number)) &&
    !/[\n\0]/.test(text) &&
    text.length < 1024
  );
}
