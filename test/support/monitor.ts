/** The process beside a container, and what it takes of the host. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tspod } from './tspod.ts';

export function monitorOf(tspod: Tspod, id: string): number {
  const lock = readFileSync(join(tspod.store, 'containers', id, 'monitor.lock'), 'utf8');
  return (JSON.parse(lock) as { pid: number }).pid;
}

export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${String(pid)}/fd`).length;
}

/** What it has had of the processors so far, in ticks of 10 ms. */
export function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8').replace(/^.*\) /, '');
  const fields = text.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
