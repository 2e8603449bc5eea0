/** What containers that write much cost: reading their logs, and the memory of the monitor that passes it on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { callEach, compareCalls, IMAGE, type Bench } from './compare.ts';
import { call, type Engine } from './engines.ts';

const LINE = 'the quick brown fox jumps over the lazy dog 0123456789 abcdefghijklmnop';
/** With time and stream each takes 118 bytes: 100 MB. */
const LINES = 850_000;
const WARM_BYTES = 100e6;

export async function benchOutput(bench: Bench): Promise<void> {
  const script = `yes '${LINE}' | head -n ${String(LINES)}`;
  await callEach(bench, 'run', '-d', '--name', 'talker', '--network', 'none', IMAGE, 'sh', '-c', script);
  await callEach(bench, 'wait', 'talker');
  await compareCalls(bench, 'logs of 100 MB', 0.5, ['logs', 'talker'], { rounds: bench.slowRounds });
  await callEach(bench, 'rm', 'talker');
  const gigabytes = bench.rounds > 7 ? 10 : 1;
  bench.limits.push({
    what: `a monitor after ${String(gigabytes)} GB of output, growth of its memory`,
    value: await measureGrowth(bench.tspod, gigabytes * 1e9),
    unit: 'MiB',
    atMost: 0.1,
  });
}

/** How much a monitor that is warm grows while it passes on so many bytes to an attached client, in MiB. */
async function measureGrowth(engine: Engine, bytes: number): Promise<number> {
  const write = (count: number, mark: string) => `read go; head -c ${String(count)} /dev/zero; echo ${mark} >&2`;
  const script = [write(WARM_BYTES, 'warm'), write(bytes, 'done'), 'read go'].join('; ');
  await call(
    engine,
    ...['run', '-d', '-i', '--name', 'stream', '--network', 'none', '--log-driver', 'none', IMAGE, 'sh', '-c', script],
  );
  const [pid = 0] = engine.monitorPids();
  const [program = '', ...global] = engine.command;
  const client = spawn(program, [...global, 'attach', 'stream'], {
    env: engine.env,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const grown = async () => {
    client.stdin.write('go\n');
    await once(client.stderr, 'data');
    return readResident(pid);
  };
  const warm = await grown();
  const after = await grown();
  const ended = once(client, 'close');
  client.stdin.end('go\n');
  await ended;
  await call(engine, 'rm', '--force', '--time', '0', 'stream');
  return after - warm;
}

function readResident(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1024;
}
