/** Questions at the terminal; they are asked on standard error, since standard output is the result's. */
import type { Key } from 'node:readline';
import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from '../errors.ts';
import { writeError, writeOut } from './output.ts';

/**
 * Ask for a line.
 *
 * @param remedy what to do where there is no terminal
 */
export async function askLine(question: string, remedy: string): Promise<string> {
  requireTerminal(remedy);
  return await answerOf(process.stderr, (lines) => lines.question(question));
}

/**
 * Ask for a line that is not shown while it is typed.
 *
 * @param remedy what to do where there is no terminal
 */
export async function askSecret(question: string, remedy: string): Promise<string> {
  requireTerminal(remedy);
  const answer = await answerOf(nowhere(), (lines) => {
    writeError(question); // Not before: the terminal would still show what is typed.
    return lines.question('');
  });
  writeError('\n');
  return answer;
}

/**
 * Let the user choose with the arrow keys and Return, on standard output, which is a terminal as standard input is. The keys
 * are those of Podman's list.
 */
export async function choose(question: string, items: readonly string[]): Promise<string> {
  let at = 0;
  const show = (position: number) => {
    at = Math.max(0, Math.min(position, items.length - 1));
    const lines = items.map((item, index) => `${index === at ? '▸' : ' '} ${item}\x1b[K\n`);
    writeOut(`\x1b[?7l${lines.join('')}\x1b[?7h`); // A line that went on in the next could not be drawn over.
  };
  const move = (_text: unknown, { name = '', ctrl }: Key) => {
    const step = STEPS[ctrl === true ? `ctrl-${name}` : name];
    if (step === undefined) return;
    writeOut(`\x1b[${items.length}A`);
    show(at + step);
  };
  try {
    await answerOf(nowhere(), (lines) => {
      process.stdin.on('keypress', move);
      writeOut(`${question}\n`);
      show(at);
      return lines.question('');
    });
  } finally {
    process.stdin.off('keypress', move);
  }
  return items[at] ?? '';
}

const STEPS: Readonly<Record<string, number>> = {
  ...{ up: -1, k: -1, 'ctrl-p': -1 },
  ...{ down: 1, j: 1, 'ctrl-n': 1 },
};

/** Ask whether to go on: only what begins with a y is a yes. The answer may come through a pipe. */
export async function confirm(question: string): Promise<boolean> {
  writeError(`${question} [y/N] `);
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return /^y/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}

/** All of standard input, without the line end. */
export async function readSecretFromStdin(): Promise<string> {
  return (await readBytesFromStdin()).toString('utf8').replace(/\r?\n$/, '');
}

/** All of standard input, as it is. */
export async function readBytesFromStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function requireTerminal(remedy: string): void {
  if (!process.stdin.isTTY) throw new UsageError('there is no terminal to ask on', { remedy });
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** While it is asked, keys come one by one and unseen; `output` is where the line that they make is shown. */
async function answerOf<T>(output: NodeJS.WritableStream, ask: (lines: Interface) => Promise<T>): Promise<T> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      lines.once('close', () => reject(new UsageError('the question was not answered'))); // Ctrl-C, ctrl-D.
      ask(lines).then(resolve, reject);
    });
  } finally {
    lines.close();
  }
}
