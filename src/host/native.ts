/** The native program, dist/tspod-monitor: how it is called and how it takes our place. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { hasCode, TspodError } from '../errors.ts';
import { programPath } from './paths.ts';

/** The one executable that does what needs a user namespace. */
export function nativeProgram(): string {
  return programPath('tspod-monitor');
}

/** Become the native program: same process, same terminal, nothing of Node left. */
export function becomeNative(args: readonly string[]): never {
  if (process.execve === undefined)
    throw new TspodError('this Node cannot execve', { remedy: 'Use Node 24 or newer.' });
  return process.execve(nativeProgram(), [nativeProgram(), ...args], process.env);
}

export interface NativeResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 when a signal ended it. */
  readonly exitCode: number;
}

/** Run a verb of the native program to its end; `input` is its standard input. */
export async function runNative(
  args: readonly string[],
  { input = '' }: { readonly input?: string } = {},
): Promise<NativeResult> {
  const child = spawn(nativeProgram(), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined); // EPIPE: it ended early, and its exit status says why.
  child.stdin.end(input);
  const [stdout, stderr, exitCode] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? (signal === null ? 125 : 128)));
    }),
  ]);
  return { stdout, stderr, exitCode };
}

/** Start a verb of the native program that outlives us, and that nobody hears. */
export function leaveNative(args: readonly string[]): void {
  const child = spawn(nativeProgram(), args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // It has nobody to tell.
  child.unref();
}

/** Whether writing to it, or reading from it, failed because it has ended: its exit status says why. */
export function isBrokenPipe(error: unknown): boolean {
  return hasCode(error, 'EPIPE', 'ECONNRESET', 'ECANCELED', 'ERR_STREAM_PREMATURE_CLOSE');
}

/**
 * Run a verb of the native program with our own streams; signals that are for us are passed on to it.
 *
 * @returns its exit status as a shell counts
 */
export async function runForeground(args: readonly string[]): Promise<number> {
  const child = spawn(nativeProgram(), args, { stdio: 'inherit' });
  const passOn = (signal: NodeJS.Signals) => {
    const isForGroup = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
    if (!isForGroup) child.kill(signal); // The terminal has sent it to the child as well: termios(3).
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn);
  }
}

const PASSED_ON = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
