/** `stats`: what containers use, sampled from time to time. */
import { probeHost } from '../host/probe.ts';
import { readCgroupUsage, readNetworkUsage } from '../host/usage.ts';
import type { ContainerStats } from '../model/container-stats.ts';
import { isUp } from '../model/container-status.ts';
import { explainNoCgroup } from '../plan/cgroup.ts';
import type { Container } from '../store/containers.ts';

/** Takes samples; CPU use in percent is that since the sample before, and since the start in the first one. */
export class StatsSampler {
  readonly #earlier = new Map<string, ContainerStats>();

  sample(container: Container): ContainerStats {
    const stats = withCpuUse(measure(container), container, this.#earlier.get(container.config.id));
    this.#earlier.set(stats.id, stats);
    return stats;
  }
}

function measure({ config, status, init }: Container): ContainerStats {
  const what = { id: config.id, name: config.name, atMs: Date.now() };
  if (init === undefined || !isUp(status)) return what;
  return {
    ...what,
    ...(init.cgroup === '' ? {} : readCgroupUsage(init.cgroup)),
    ...(config.network.mode.kind === 'host' ? {} : readNetworkUsage(init.pid)),
  };
}

function withCpuUse(stats: ContainerStats, { init }: Container, earlier: ContainerStats | undefined): ContainerStats {
  const { cpuNs, atMs } = stats;
  if (cpuNs === undefined || init === undefined) return stats;
  const startedMs = Date.parse(init.startedAt);
  const percent = (ns: number, sinceMs: number) => (atMs > sinceMs ? Math.max(0, ns) / 1e4 / (atMs - sinceMs) : 0);
  const averageCpu = percent(cpuNs, startedMs);
  const isSameRun = earlier?.cpuNs !== undefined && earlier.atMs > startedMs;
  return { ...stats, averageCpu, cpu: isSameRun ? percent(cpuNs - (earlier.cpuNs ?? 0), earlier.atMs) : averageCpu };
}

/** What the host does not tell about containers that run, in a sentence each, with the remedy. */
export async function explainMissing(containers: readonly Container[]): Promise<string[]> {
  const running = containers.filter(({ status }) => isUp(status));
  const without = running.filter(({ init }) => init?.cgroup === '').map(({ config }) => `"${config.name}"`);
  if (running.length === 0) return [];
  const facts = await probeHost();
  if (without.length > 0) {
    const { cause, remedy } = explainNoCgroup(facts) ?? {
      cause: 'was started without one',
      remedy: 'Start it again without --cgroups=disabled.',
    };
    return [`only the network use of ${without.join(', ')} is known, without a cgroup of its own: ${cause}. ${remedy}`];
  }
  const missing = ['io', 'memory', 'pids'].filter((name) => !facts.cgroup.controllers.includes(name));
  if (missing.length === 0) return [];
  return [
    `what is shown as "--" needs cgroup controllers that are not delegated to you: ${missing.join(', ')}. See: tspod doctor`,
  ];
}
