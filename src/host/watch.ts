/** Noticing that files change. */
import { watch } from 'node:fs';
import { hasCode } from '../errors.ts';

const LOOK_AGAIN_MS = 250;

/**
 * Call back whenever a file in a directory has changed, with its name where that is known.
 *
 * A user may have so many watches and no more (inotify(7)); without one there is a call now and then, for any of them.
 */
export function watchDirectory(path: string, changed: (name?: string) => void): Disposable {
  const stop = startWatching(path, changed);
  return { [Symbol.dispose]: stop };
}

function startWatching(path: string, changed: (name?: string) => void): () => void {
  try {
    const watcher = watch(path, (_, name) => {
      changed(name ?? undefined);
    });
    return () => watcher.close();
  } catch (error) {
    if (!hasCode(error, 'EMFILE', 'ENOSPC')) throw error;
    const timer = setInterval(changed, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }
}
