/** SIGKILL to processes that are not our children, by a pidfd: a pid may be another's by then. */
import { TspodError } from '../errors.ts';
import type { ProcessIdentity } from '../model/container-status.ts';
import { runNative } from './native.ts';
import { readStartTime } from './process.ts';

/** A process of this boot. */
type Process = Pick<ProcessIdentity, 'pid' | 'startTime'>;

/** Which process has a pid now; undefined when none has. */
export function identify(pid: number): Process | undefined {
  const startTime = readStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/**
 * Kill that very process; one that is gone is no error.
 *
 * @throws {TspodError} when the kernel refuses
 */
export async function endProcess(process: Process | undefined): Promise<void> {
  if (process === undefined) return;
  const { pid, startTime } = process;
  const { exitCode, stderr } = await runNative(['end', String(pid), String(startTime)]);
  if (exitCode === 0) return;
  throw new TspodError(`cannot end the process ${pid}: ${stderr.trim()}`, { remedy: `Look at it: ps -fp ${pid}` });
}
