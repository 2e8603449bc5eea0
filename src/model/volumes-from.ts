import { UsageError } from '../errors.ts';
import type { VolumesFrom } from './container-request.ts';

/**
 * Parse `--volumes-from`: `CONTAINER[:OPTIONS]`, options out of `ro`, `rw` and `z`.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseVolumesFrom(text: string): VolumesFrom {
  const [, container = '', words = ''] = /^([a-zA-Z0-9][a-zA-Z0-9_.-]*)(?::(.+))?$/.exec(text) ?? [];
  const options = words === '' ? [] : words.split(',');
  const isKnown = options.every((word) => ['ro', 'rw', 'z'].includes(word));
  if (container !== '' && isKnown && !(options.includes('ro') && options.includes('rw'))) return { container, options };
  throw new UsageError(`"${text}" is not a container to take volumes from`, {
    remedy: 'Write CONTAINER[:OPTIONS], options are ro, rw and z: data:ro',
  });
}
