/** A terminal of its own for a program, typed into and read as a person would. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventually } from './tspod.ts';

const PTY = join(import.meta.dirname, '../../dist/test/pty');

export interface Terminal {
  /** Keys as the terminal sends them: Return is `\r`, ctrl-P is `\x10`. */
  readonly type: (keys: string) => void;
  /** Wait until the terminal has shown this since the last `shows`; gives what matched. */
  readonly shows: (pattern: RegExp) => Promise<string>;
  readonly resize: (rows: number, columns: number) => void;
  /** The exit status of the program, when it has ended. */
  readonly exit: Promise<number>;
}

/** Start a program on a terminal of 24 rows and 80 columns. */
export function openTerminal(
  t: TestContext,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Terminal {
  const child = spawn(PTY, ['24', '80', ...command], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    env: { TERM: 'xterm', ...env },
  });
  const [keyboard, shown, , resizes] = child.stdio as unknown as readonly [Writable, Readable, null, Writable];
  for (const stream of [keyboard, resizes]) stream.on('error', () => undefined); // The program may have ended.
  let screen = '';
  // busybox's shell asks for the cursor's place behind each prompt, and goes on without an answer.
  shown.on('data', (text: Buffer) => (screen = (screen + text.toString()).replaceAll('\x1b[6n', '')));
  const exit = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 255)));
  t.after(() => child.kill('SIGKILL'));
  return {
    type: (keys) => void keyboard.write(keys),
    resize: (rows, columns) => void resizes.write(`${String(rows)} ${String(columns)}\n`),
    exit,
    shows: async (pattern) => {
      const match = await eventually(
        () => {
          const found = pattern.exec(screen);
          assert.ok(found || child.exitCode === null, `the program ended; the terminal shows:\n${screen}`);
          return found ?? undefined;
        },
        `the terminal shows ${String(pattern)}`,
      ).catch((error: unknown) => {
        throw new Error(`the terminal shows:\n${screen}`, { cause: error });
      });
      screen = screen.slice(match.index + match[0].length);
      return match[0];
    },
  };
}
