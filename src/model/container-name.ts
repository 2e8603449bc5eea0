import { UsageError } from '../errors.ts';

/** A name is a file in the store: NAME_MAX of limits.h. */
const MAX_LENGTH = 255;

/**
 * Check the name of a container: nothing that a path, a shell or a person could misread. A slash before it is Docker's.
 *
 * @throws {UsageError} when it is not one
 */
export function parseContainerName(given: string): string {
  const text = given.replace(/^\//, '');
  if (text.length <= MAX_LENGTH && /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text)) return text;
  throw new UsageError(
    `"${given}" is not a name for a container: names have up to ${MAX_LENGTH} characters and must match [a-zA-Z0-9][a-zA-Z0-9_.-]*`,
    { remedy: 'Choose another one: --name web-1' },
  );
}
