/** The native verbs that look at, pack and place files, each in the namespaces where it sees them. */
import { spawn, type StdioOptions } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TspodError } from '../errors.ts';
import { isBrokenPipe, nativeProgram, runNative } from './native.ts';

/** What the native program says of its failure: the step, a positive errno, and what it was about. */
export interface NativeFailure {
  readonly step: string;
  readonly errno: number;
  readonly detail: string;
}

/** The native program failed; the sentence is for whoever knows what it was to do. */
export class NativeError extends TspodError {
  readonly failure: NativeFailure;

  constructor(failure: NativeFailure) {
    super(`${failure.step} ${failure.errno} ${failure.detail}`, { remedy: 'tspod doctor' });
    this.failure = failure;
  }
}

export interface FileLook {
  readonly kind: string;
  /** Without symlinks; empty when nothing is there. */
  readonly path: string;
}

/**
 * What is at a path, and at the directory that it is in.
 *
 * @param entrance the words that lead to the container
 * @throws {NativeError} when the container's files cannot be reached
 */
export async function lookAt(entrance: readonly string[], path: string): Promise<readonly FileLook[]> {
  const { stdout, stderr, exitCode } = await runNative([...entrance, 'look', path]);
  if (exitCode !== 0) throw explainWords(stderr);
  const [kind = '', found = '', parentKind = '', parent = ''] = stdout.split('\0');
  return [
    { kind, path: found },
    { kind: parentKind, path: parent },
  ];
}

/** Whether what `pack --ask` reads was there until it is asked, which is when all of it was read. */
type IsThere = () => boolean;

export interface PipeOptions {
  /** Words that lead both verbs to the same place. */
  readonly entrance?: readonly string[];
  /** A descriptor that `put --record` finds as 4. */
  readonly record?: number | undefined;
  readonly isThere?: IsThere | undefined;
}

export interface WriterOptions {
  /** A descriptor; standard output unless told. */
  readonly to?: number;
  readonly isThere?: IsThere | undefined;
}

/**
 * Let one verb write an archive and another one read it.
 *
 * @throws {NativeError} when one of them fails; the reader has left nothing half then
 */
export async function runPiped(
  writer: readonly string[],
  reader: readonly string[],
  { entrance = [], record, isThere }: PipeOptions = {},
): Promise<void> {
  await runVerb([...entrance, 'pipe', String(writer.length), ...writer, ...reader], { record, isThere });
}

/**
 * Let a verb write to our standard output, or to an open file.
 *
 * @throws {NativeError} when it fails
 */
export async function runWriter(writer: readonly string[], { to = 1, isThere }: WriterOptions = {}): Promise<void> {
  await runVerb(writer, { to, isThere });
}

/**
 * Let a verb read what we have.
 *
 * @throws {NativeError} when it fails; and what the source throws
 */
export async function runReader(
  source: AsyncIterable<Buffer>,
  reader: readonly string[],
  { record }: Pick<PipeOptions, 'record'> = {},
): Promise<void> {
  await runVerb(reader, { source, record });
}

/**
 * What a verb writes, as it comes.
 *
 * @throws {NativeError} at the end, when it has failed: what was read is not all then
 */
export async function* readNative(args: readonly string[]): AsyncGenerator<Buffer, void, undefined> {
  const child = spawn(nativeProgram(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const exit = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 125));
    });
    exit.catch(() => undefined); // It is waited for below.
    const words = child.stderr.toArray();
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const [exitCode, stderr] = await Promise.all([exit, words]);
    if (exitCode !== 0) throw explainWords(Buffer.concat(stderr as Buffer[]).toString());
  } finally {
    child.kill(); // Whoever reads may have given up.
  }
}

interface Streams {
  readonly source?: AsyncIterable<Buffer>;
  readonly to?: number;
  readonly record?: number | undefined;
  readonly isThere?: IsThere | undefined;
}

/** A signal is the verb's to act upon: it cleans up, and ends us by its end. */
async function runVerb(args: readonly string[], { source, to, record, isThere }: Streams): Promise<void> {
  const stdio: StdioOptions = [
    source === undefined ? 'ignore' : 'pipe',
    to ?? 'ignore',
    'pipe',
    'ignore', // A report would go there.
    record ?? 'ignore',
    isThere === undefined ? 'ignore' : 'pipe',
  ];
  const child = spawn(nativeProgram(), args, { stdio });
  if (isThere !== undefined) answer(child.stdio.at(5) as Duplex, isThere);
  const passOn = (signal: NodeJS.Signals) => child.kill(signal === 'SIGINT' ? 'SIGTERM' : signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  try {
    const exit = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 125));
    });
    const words = child.stderr?.toArray() ?? Promise.resolve([]);
    const feeding = source === undefined || child.stdin === null ? Promise.resolve() : pipeline(source, child.stdin);
    const fed = feeding.then(
      () => undefined,
      (error: unknown) => (error instanceof Error && !isBrokenPipe(error) ? error : undefined),
    );
    const [exitCode, stderr] = await Promise.all([exit, words]);
    // A source that goes on when nobody reads it any more is not waited for.
    const reason = await (exitCode === 0 ? fed : Promise.race([fed, Promise.resolve(undefined)]));
    if (reason !== undefined) throw reason;
    if (exitCode !== 0) throw explainWords(Buffer.concat(stderr as Buffer[]).toString());
  } finally {
    for (const signal of SIGNALS) process.off(signal, passOn);
  }
}

function answer(asked: Duplex, isThere: IsThere): void {
  asked.on('error', () => undefined); // It has ended, and its exit status says why.
  asked.once('data', () => {
    if (isThere()) asked.write('y');
    else asked.destroy();
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const EPIPE = 32;
const ENODATA = 61;

/** The first cause: a writer whose reader has ended, and a reader whose writer has, only follow. */
function explainWords(text: string): NativeError {
  const failures = [...text.matchAll(/^(?<step>\S+) (?<errno>\d+)(?: (?<detail>.*))?$/gm)].map(
    ({ groups: { step = '', errno = '0', detail = '' } = {} }) => ({ step, errno: Number(errno), detail }),
  );
  const cause = failures.find(({ errno }) => errno !== EPIPE && errno !== ENODATA) ?? failures[0];
  return new NativeError(cause ?? { step: 'killed', errno: 0, detail: text.trim() });
}
