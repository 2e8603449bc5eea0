import { resolve } from 'node:path/posix';
import { UsageError } from '../errors.ts';

/**
 * Check `--workdir`. Nothing is the default.
 *
 * @throws {UsageError} when it is relative, which `process.cwd` of a runtime spec cannot be: OCI, config.md
 */
export function parseWorkdir(text: string): string {
  if (text === '' || text.startsWith('/')) return text;
  throw new UsageError(`"${text}" is not an absolute path`, {
    remedy: `Write it out: --workdir ${resolve('/', text)}`,
    exitCode: 126, // As Podman ends when the runtime refuses it.
  });
}
