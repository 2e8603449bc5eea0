import { NotFoundError } from '../../errors.ts';

/** The error for an image that is not here, and that nobody may fetch now. */
export function missingImage(name: string): NotFoundError {
  return new NotFoundError(`no image "${name}" in the store`, { remedy: `tspod pull ${name}` });
}
