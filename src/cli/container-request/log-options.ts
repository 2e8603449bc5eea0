/** `--log-driver` and `--log-opt`. */
import { UsageError } from '../../errors.ts';
import { parseBytesOrUnlimited } from '../../model/bytes.ts';
import { hasLogFile, isPassthrough, type LogConfig, type LogDriver } from '../../model/log.ts';

/** Docker's 1 would throw away what was written last. */
const LEAST_FILES = 2;

interface LogFlags {
  readonly 'log-driver': string;
  readonly 'log-opt'?: readonly string[] | undefined;
  readonly tty: boolean;
}

/**
 * Where the output of a new container goes.
 *
 * @throws {UsageError} when there is no such option, or the driver has no use for it
 */
export function collectLog(flags: LogFlags): Partial<LogConfig> {
  const driver = flags['log-driver'] as LogDriver;
  if (flags.tty && isPassthrough(driver)) {
    throw new UsageError(
      `--tty and --log-driver ${driver} exclude each other: one makes a terminal, the other gives yours`,
      {
        remedy: 'Leave out one of them.',
      },
    );
  }
  const options = (flags['log-opt'] ?? []).map((option) => parseLogOption(driver, option));
  return Object.assign({ driver }, ...options) as Partial<LogConfig>;
}

function parseLogOption(driver: LogDriver, option: string): Partial<LogConfig> {
  const equals = option.indexOf('=');
  const [key, value] = equals < 0 ? [option, ''] : [option.slice(0, equals), option.slice(equals + 1)];
  switch (key) {
    case 'path':
      if (!value.startsWith('/')) throw malformed(option, 'the path of a log begins with a slash: path=/FILE');
      if (!hasLogFile(driver)) throw useless(option, driver, '--log-driver k8s-file');
      return { path: value };
    case 'max-size':
      return { maxSize: parseBytesOrUnlimited(value) };
    case 'max-file':
      if (!/^\d{1,4}$/.test(value)) throw malformed(option, 'it is a number, at most 9999: max-file=5');
      return { maxFiles: Math.max(Number(value), LEAST_FILES) };
    case 'tag':
      if (driver !== 'journald') throw useless(option, driver, '--log-driver journald');
      if (/^[^\0\n]+$/.test(value)) return { tag: value };
      throw malformed(option, 'a tag is one line of text: tag=web');
    default:
      // Docker's drivers have more, labels= and mode= say: ignored, as Podman does.
      if (equals > 0) return {};
      throw malformed(option, 'there are path=/FILE, max-size=10m, max-file=5 and tag=TEXT');
  }
}

function malformed(option: string, remedy: string): UsageError {
  return new UsageError(`"${option}" is not an option of a log`, {
    remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}`,
  });
}

function useless(option: string, driver: LogDriver, remedy: string): UsageError {
  return new UsageError(`the log driver ${driver} does not know the option "${option}"`, { remedy: `Use ${remedy}` });
}
