/** The maps of user namespaces, as the kernel shows them. */
import { readFileSync } from 'node:fs';
import type { IdMapping } from '../model/id-mapping.ts';

/** The map of the initial user namespace has them all. */
const ALL_IDS = 4_294_967_295;

/**
 * The ids of a process's user namespace: inside as there, outside as ours sees them, or the one around ours for our own.
 *
 * @throws the error of the system call when the process is gone
 * @see user_namespaces(7), "User and group ID mappings"
 */
export function readIdMap(kind: 'uid' | 'gid', pid: number | 'self' = 'self'): IdMapping[] {
  const lines = readFileSync(`/proc/${pid}/${kind}_map`, 'latin1').matchAll(/(\d+) +(\d+) +(\d+)/g);
  return [...lines].map(([, inside, outside, size]) => ({
    inside: Number(inside),
    outside: Number(outside),
    size: Number(size),
  }));
}

/** Whether a map is that of the initial user namespace: all ids of the host. */
export function isWholeHost(map: readonly IdMapping[]): boolean {
  return map.some(({ size }) => size === ALL_IDS);
}

/** Our real uid as the user namespace around ours sees it, our own in the first one: what systemd knows us by. */
export function outerUid(): number {
  const uid = process.getuid?.() ?? 0;
  const range = readIdMap('uid').find(({ inside, size }) => uid >= inside && uid < inside + size);
  return range === undefined ? uid : range.outside + uid - range.inside;
}
