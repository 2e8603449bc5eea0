import { UsageError } from '../errors.ts';

/**
 * Check `--detach-keys`: keys with commas between them, each one character or `ctrl-` and one of `a-z @ [ \ ] ^ _`;
 * empty: nothing detaches.
 *
 * @throws {UsageError} when a key is something else
 */
export function parseDetachKeys(text: string): string {
  if (text === '' || text.split(',').every((key) => /^(?:[\x21-\x7e]|ctrl-[a-z@[\\\]^_])$/.test(key))) return text;
  throw new UsageError(`"${text}" is not a sequence of keys`, { remedy: 'Write keys with commas: ctrl-p,ctrl-q' });
}
