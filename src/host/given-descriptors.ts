/** Descriptors from 3 on that tspod was started with, for `--preserve-fds`. */
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
