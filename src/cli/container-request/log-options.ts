/** The values of `--log-opt`. */
import { UsageError } from '../../errors.ts';
import { parseBytesOrUnlimited } from '../../model/bytes.ts';

/** @throws {UsageError} for an option that is none */
export function collectLogOptions(options: readonly string[]): { logPath?: string; logMaxSize?: number } {
  let logPath: string | undefined;
  let logMaxSize: number | undefined;
  for (const option of options) {
    const equals = option.indexOf('=');
    const [key, value] = [option.slice(0, equals), option.slice(equals + 1)];
    if (key === 'path' && value.startsWith('/')) logPath = value;
    else if (key === 'max-size') logMaxSize = parseBytesOrUnlimited(value);
    else if (key !== 'max-file' && key !== 'tag') {
      throw new UsageError(`"${option}" is not an option of a log`, {
        remedy: 'There are path=/FILE and max-size=SIZE: max-size=10m',
      });
    }
  }
  return { ...(logPath === undefined ? {} : { logPath }), ...(logMaxSize === undefined ? {} : { logMaxSize }) };
}
