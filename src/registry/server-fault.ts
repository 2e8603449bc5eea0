import { TspodError } from '../errors.ts';

/** A server, of a registry or of its tokens, did what its protocol does not have. */
export function serverFault(message: string): TspodError {
  return new TspodError(message, { remedy: 'The fault is on its side: try again later, or tell who runs it.' });
}
