/** `npm run lint`: every checker at once, each one's findings in one piece; it fails when one of them does. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const CHECKS = [
  ['tsc'],
  ['eslint', '.'],
  ['depcruise', '--output-type', 'err-long', ...['commands', 'src'].filter((folder) => existsSync(folder))],
  ['knip', '--no-config-hints'],
  ['prettier', '--check', '--log-level', 'warn', '.'],
] as const;

const failed = await Promise.all(CHECKS.map(check));
process.exitCode = failed.includes(true) ? 1 : 0;

async function check([program, ...args]: readonly string[]): Promise<boolean> {
  const child = spawn(program ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  const said = await Promise.all([text(child.stdout), text(child.stderr)]);
  const code = await exit;
  if (code !== 0) process.stdout.write(`\n${String(program)}:\n${said.join('').trim()}\n`);
  return code !== 0;
}
