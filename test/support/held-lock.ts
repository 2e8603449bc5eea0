/** A lock of the store in the test's hands: what a command does before it and after it are two moments then. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './tspod.ts';

export interface HeldLock {
  /** Wait until a command that was started stands before the lock, or has ended without having come there. */
  readonly untilReachedBy: (command: ChildProcess) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Take the lock of a directory: flock(1). */
export async function holdLock(directory: string): Promise<HeldLock> {
  const holder = spawn('flock', [directory, 'sh', '-c', 'echo held; read -r _'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return {
    untilReachedBy: (command) => untilAtLock(directory, command),
    release: async () => {
      const end = once(holder, 'close');
      holder.stdin.end();
      await end;
    },
  };
}

/** Wait until a command that was started stands before a lock, or has ended without having come there. */
export async function untilAtLock(directory: string, command: ChildProcess): Promise<void> {
  await eventually(
    () => command.exitCode !== null || command.signalCode !== null || hasOpen(command.pid, directory),
    `process ${String(command.pid)} stands before the lock of ${directory}`,
  );
}

function hasOpen(pid: number | undefined, path: string): boolean {
  const folder = `/proc/${String(pid)}/fd`;
  try {
    return readdirSync(folder).some((fd) => readlinkSync(join(folder, fd)) === path);
  } catch {
    return false; // It has ended, or has just closed one of them.
  }
}
