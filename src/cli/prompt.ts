/** Questions at the terminal; they are asked on standard error, since standard output is the result's. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from '../errors.ts';
import { writeError } from './output.ts';

/** Ask for a line. */
export async function askLine(question: string): Promise<string> {
  return await ask(question, process.stderr);
}

/** Ask for a line that is not shown while it is typed. */
export async function askSecret(question: string): Promise<string> {
  writeError(question);
  const answer = await ask('', new Writable({ write: (_chunk, _encoding, done) => done() }));
  writeError('\n');
  return answer;
}

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

async function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UsageError('there is no terminal to ask on', { remedy: 'Use --username and --password-stdin.' });
  }
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('close', () => reject(new UsageError('the question was not answered'))); // Ctrl-C, ctrl-D.
      lines.question(question).then(resolve, reject);
    });
  } finally {
    lines.close();
  }
}
