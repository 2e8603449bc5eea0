/** One end of a copy, as `cp` takes it: a path of this machine, a path in a container, or `-`. */
import { UsageError } from '../errors.ts';

export type CopyPath =
  | { readonly kind: 'stream' }
  | { readonly kind: 'host'; readonly path: string }
  | { readonly kind: 'container'; readonly container: string; readonly path: string };

/**
 * Read both ends of a copy. What begins with `.` or `/` never names a container: podman-cp(1).
 *
 * @throws {UsageError} when a path is missing, or no end is a container's
 */
export function parseCopyPaths(from: string, to: string): { readonly from: CopyPath; readonly to: CopyPath } {
  const ends = { from: parseEnd(from), to: parseEnd(to) };
  const { kind: source } = ends.from;
  const { kind: target } = ends.to;
  for (const [end, text] of [
    [ends.from, from],
    [ends.to, to],
  ] as const) {
    if (end.kind === 'stream' || (end.path !== '' && !(end.kind === 'container' && end.container === ''))) continue;
    throw new UsageError(`invalid arguments "${from}", "${to}": you must specify paths, and "${text}" has none`, {
      remedy: 'A path in a container is written CONTAINER:/path, one of this machine ./path or /path',
    });
  }
  if (source !== 'container' && target !== 'container') {
    throw new UsageError(`invalid arguments "${from}", "${to}": neither is in a container`, {
      remedy: 'A path in a container is written CONTAINER:/path, for example: tspod cp file.txt web:/tmp/',
    });
  }
  return ends;
}

function parseEnd(text: string): CopyPath {
  if (text === '-') return { kind: 'stream' };
  const colon = text.indexOf(':');
  if (colon === -1 || text.startsWith('.') || text.startsWith('/')) return { kind: 'host', path: text };
  return { kind: 'container', container: text.slice(0, colon), path: text.slice(colon + 1) };
}
