/** Names that say which process has something in hand, and so when it is garbage: `<what>-<pid>-<start time>`. */
import { bootId, isAlive, ownIdentity } from '../host/process.ts';

/** A name for what this process makes or removes. */
export function nameInHand(what: string): string {
  const { pid, startTime } = ownIdentity();
  return `${what}-${pid}-${startTime}`;
}

/** Whether a living process has it in hand. */
export function isInHand(name: string): boolean {
  const [, pid, startTime] = /-(\d+)-(\d+)$/.exec(name) ?? [];
  return pid !== undefined && isAlive({ pid: Number(pid), startTime: Number(startTime), bootId: bootId() });
}
