/** Programs that decompress what Node cannot: xz(1), bzip2(1). */
import { pipeline } from 'node:stream/promises';
import { hasCode, TspodError } from '../errors.ts';

/** A compression that a program of this name undoes. */
export type DecompressingProgram = 'bzip2' | 'xz';

const PACKAGES: Readonly<Record<DecompressingProgram, { readonly debian: string; readonly fedora: string }>> = {
  bzip2: { debian: 'bzip2', fedora: 'bzip2' },
  xz: { debian: 'xz-utils', fedora: 'xz' },
};

/** For xz, as much as for zstd; by way of the environment, since busybox's xz knows no such flag. */
const ENVIRONMENT = { LC_ALL: 'C', XZ_DEFAULTS: '--memlimit-decompress=2GiB' };

/**
 * Decompress a stream by a program, which ends with the one who reads.
 *
 * @throws {TspodError} when it is not installed, or cannot make sense of the data
 */
export async function* decompressBy(
  program: DecompressingProgram,
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const { execa } = await import('execa');
  const child = execa(program, ['-dc'], {
    env: ENVIRONMENT,
    buffer: { stdout: false },
    maxBuffer: { stderr: 64 << 10 }, // characters
    reject: false,
    stripFinalNewline: true,
  });
  if (child.pid === undefined) throw explainStart(program, (await child).cause);
  const feeding = pipeline(source, child.stdin).then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const { failed, signal, stderr } = await child;
    const broken = await feeding;
    if (broken !== undefined && !hasCode(broken, 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE')) throw broken as Error;
    if (signal !== undefined) throw new TspodError(`"${program}", which decompressed it, was ended by ${signal}`);
    if (failed || broken !== undefined) throw explainFailure(program, stderr);
  } finally {
    child.kill('SIGKILL');
  }
}

function explainStart(program: DecompressingProgram, cause: unknown): TspodError {
  if (!hasCode(cause, 'ENOENT')) {
    return new TspodError(`it is compressed with ${program}, and the program "${program}" cannot be started`, {
      cause,
      remedy: 'Compress it with gzip or zstd.',
    });
  }
  const { debian, fedora } = PACKAGES[program];
  return new TspodError(`it is compressed with ${program}, and the program "${program}" is not installed`, {
    cause,
    remedy: `An administrator installs it: apt-get install ${debian} (Debian, Ubuntu), dnf install ${fedora} (Fedora); or compress it with gzip or zstd.`,
  });
}

/** What xz and bzip2 say of data that is cut begins in two ways: xz(1) and bzip2(1) have no exit status for it. */
function explainFailure(program: DecompressingProgram, said: string): TspodError {
  if (/unexpected end|ends unexpectedly/i.test(said)) return new TspodError(`the ${program} data ends too early`);
  if (/memory/i.test(said)) return new TspodError(`the ${program} data needs more memory than there is for it`);
  return new TspodError(`the ${program} data is damaged`, { cause: new Error(said) });
}
