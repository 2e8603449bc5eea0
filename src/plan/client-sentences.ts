/** What it means when a step of the native clients `attach` and `exec` fails: native/lib/client.c. */
import { TspodError } from '../errors.ts';
import { ERRNO, reasonOf } from './errno.ts';

/** @param errno a positive error number of the kernel */
export function explainClientStep(step: string, errno: number): TspodError | undefined {
  switch (step) {
    case 'connect':
      return errno === ERRNO.ENOENT || errno === ERRNO.ECONNREFUSED
        ? new TspodError('the container is not running any more', { remedy: 'See what became of it: tspod ps --all' })
        : new TspodError(`cannot reach the container's monitor: ${reasonOf(errno)}`, { remedy: 'tspod ps --all' });
    case 'monitor':
      return new TspodError("the container's monitor was killed, and the container with it", {
        remedy: 'Start it again: tspod start --attach CONTAINER',
      });
    case 'attach':
      return errno === ERRNO.ETIME
        ? new TspodError('nothing was read here for ten seconds, and the container went on without this client', {
            remedy: 'See what you missed, then attach again: tspod logs CONTAINER; tspod attach CONTAINER',
          })
        : undefined;
    case 'write':
      return new TspodError(`cannot write the container's output: ${reasonOf(errno)}`, {
        remedy: 'The container goes on; see its output: tspod logs CONTAINER',
      });
    case 'terminal':
      return new TspodError(`cannot set up the terminal: ${reasonOf(errno)}`, { remedy: 'Try it without --tty.' });
    case 'keep-fds':
      return new TspodError('too many descriptors to preserve', { remedy: 'Preserve fewer: --preserve-fds 3' });
    default:
      return undefined;
  }
}
