/** What a container uses, from the files of its cgroup and of its network namespace. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';

export interface CgroupUsage {
  readonly cpuNs?: number | undefined;
  readonly cpuSystemNs?: number | undefined;
  readonly memory?: number | undefined;
  readonly memoryLimit?: number | undefined;
  readonly blockInput?: number | undefined;
  readonly blockOutput?: number | undefined;
  readonly pids?: number | undefined;
}

/**
 * Read what the controllers count; those that are not delegated have no files.
 *
 * @param cgroup below /sys/fs/cgroup
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function readCgroupUsage(cgroup: string): CgroupUsage {
  const file = (name: string) => readText(join('/sys/fs/cgroup', cgroup, name));
  const cpu = file('cpu.stat');
  const memory = readNumber(file('memory.current'));
  const io = file('io.stat');
  return {
    cpuNs: nanoseconds(cpu, 'usage_usec'),
    cpuSystemNs: nanoseconds(cpu, 'system_usec'),
    memory: memory === undefined ? undefined : memory - (readField(file('memory.stat'), 'inactive_file') ?? 0),
    memoryLimit: memory === undefined ? undefined : Math.min(totalmem(), readNumber(file('memory.max')) ?? Infinity),
    blockInput: io === undefined ? undefined : sumFields(io, 'rbytes'),
    blockOutput: io === undefined ? undefined : sumFields(io, 'wbytes'),
    pids: readNumber(file('pids.current')),
  };
}

/**
 * Bytes through all interfaces but the loopback of the network namespace that a process is in: proc(5), /proc/PID/net/dev.
 */
export function readNetworkUsage(pid: number): { readonly netInput?: number; readonly netOutput?: number } {
  const rows = (readText(`/proc/${pid}/net/dev`) ?? '').matchAll(/^ *([^ :]+):(.*)$/gm);
  const interfaces = [...rows].filter(([, name]) => name !== 'lo').map(([, , text = '']) => text.trim().split(/ +/));
  if (interfaces.length === 0) return {};
  const sum = (column: number) => interfaces.reduce((total, fields) => total + Number(fields[column]), 0);
  return { netInput: sum(0), netOutput: sum(8) };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    // It has ended meanwhile, or there is no such controller.
    if (hasCode(error, 'ENOENT', 'ENODEV', 'ESRCH', 'EINVAL')) return undefined;
    throw error;
  }
}

/** `max` is no number. */
function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/** `NAME VALUE`, one a line. */
function readField(text: string | undefined, name: string): number | undefined {
  const value = text?.match(new RegExp(`^${name} (\\d+)$`, 'm'))?.[1];
  return value === undefined ? undefined : Number(value);
}

function nanoseconds(text: string | undefined, name: string): number | undefined {
  const microseconds = readField(text, name);
  return microseconds === undefined ? undefined : microseconds * 1000;
}

/** `8:0 rbytes=1 wbytes=2 ..`, a line for each device. */
function sumFields(text: string, name: string): number {
  return [...text.matchAll(new RegExp(`\\b${name}=(\\d+)`, 'g'))].reduce((sum, [, value]) => sum + Number(value), 0);
}
