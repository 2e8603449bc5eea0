/** Descriptors from 3 on that tspod was started with: for `--preserve-fds`, and the sockets of a systemd unit. */
import { TspodError } from '../errors.ts';

let given = 0;

/** Take over what the launcher has counted: Node opens descriptors of its own right behind them (native/launcher.c). */
export function takeGivenDescriptors(): void {
  const { TSPOD_GIVEN_FDS: count } = process.env;
  if (count === undefined) return;
  given = Number(count);
  delete process.env['TSPOD_GIVEN_FDS'];
}

/**
 * Make sure that there is what a container is to get: anything else at those numbers would be ours.
 *
 * @param count as in podman-run(1), `--preserve-fds`
 * @param usage a command that passes one
 * @throws {TspodError} when tspod was started with fewer
 */
export function refuseMissingDescriptors(count: number, usage: string): void {
  if (count <= given) return;
  throw new TspodError(`--preserve-fds ${count} wants the descriptor ${3 + given}, which is not open`, {
    remedy: `Open it in the shell: ${usage} 3<FILE`,
  });
}

export interface ListeningSockets {
  readonly count: number;
  /** `$LISTEN_FDNAMES` */
  readonly names?: string;
}

/**
 * The sockets on which systemd listens for us; those that it has given to a parent of ours are none.
 *
 * @throws {TspodError} when there are not as many as it says
 * @see sd_listen_fds(3)
 */
export function listeningSockets(): ListeningSockets | undefined {
  const { LISTEN_PID: pid, LISTEN_FDS: text, LISTEN_FDNAMES: names } = process.env;
  if (pid !== String(process.pid) || text === undefined) return undefined;
  const isNumber = /^\d+$/.test(text);
  const count = Number(text);
  if (!isNumber || count > given) {
    const reason = isNumber ? `wants the descriptor ${3 + given}, which is not open` : 'is not a number';
    throw new TspodError(`LISTEN_FDS "${text}" ${reason}`, {
      remedy: 'Leave it to systemd, or do without: env -u LISTEN_FDS tspod ..',
    });
  }
  return count === 0 ? undefined : { count, ...(names === undefined ? {} : { names }) };
}
