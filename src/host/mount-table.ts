/** What is mounted, as /proc shows it: in our mount namespace, and in those of other processes of ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { hasCode } from '../errors.ts';

/** Where something is mounted in the mount namespace of a process; nowhere when it is gone or somebody else's. */
export function readMounts(pid: number | 'self' = 'self'): ReadonlySet<string> {
  return new Set(readFields(pid).map(({ path }) => path));
}

/** A process in whose mount namespace something is mounted at a path. */
export function findProcessWithMount(path: string): number | undefined {
  return readProcesses().find((pid) => readMounts(pid).has(path));
}

/**
 * Where an overlay with this upper directory is mounted, or a part of it, and a process that sees it there.
 *
 * @param source or one that the mount table calls this
 */
export function findOverlay(
  upper: string,
  source: string,
): { readonly pid: number; readonly path: string } | undefined {
  for (const pid of readProcesses()) {
    const found = readFields(pid).find(
      (mount) => mount.source === source || mount.options.includes(`,upperdir=${upper},`),
    );
    if (found !== undefined) return { pid, path: found.path };
  }
  return undefined;
}

function readProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

interface Mount {
  readonly path: string;
  readonly source: string;
  /** Those of the file system. */
  readonly options: string;
}

/** Blanks are `\040` there: proc(5). */
function readFields(pid: number | 'self'): Mount[] {
  return readMountinfo(pid)
    .split('\n')
    .map((line) => line.split(' '))
    .map((fields) => ({
      path: unescape(fields[4] ?? ''),
      source: unescape(fields.at(-2) ?? ''),
      options: unescape(fields.at(-1) ?? ''),
    }));
}

function readMountinfo(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EINVAL')) return '';
    throw error;
  }
}

function unescape(field: string): string {
  return field.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
