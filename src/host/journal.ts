/** What a container has written to the journal, read back through journalctl(1). */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { TspodError } from '../errors.ts';
import type { LogRecord } from '../model/log.ts';
import { parseExport, type JournalFields } from './journal-export.ts';

export interface JournalRecord extends LogRecord {
  /** Where reading can go on. */
  readonly cursor: string;
}

export interface JournalQuery {
  /** The container's full id. */
  readonly id: string;
  readonly order: 'oldest first' | 'newest first';
  /** Go on when all has been read, until `signal` says otherwise. */
  readonly follow?: AbortSignal;
  /** Only what is behind this cursor. */
  readonly after?: string | undefined;
  /** milliseconds since 1970 */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** @throws {TspodError} when there is no journalctl, or it cannot read a journal */
export async function* readJournal(query: JournalQuery): AsyncGenerator<JournalRecord> {
  const child = spawn('journalctl', journalArguments(query), { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = waitFor(child);
  ended.catch(() => undefined); // It is awaited below, unless the caller has had enough before.
  const stop = () => child.kill();
  query.follow?.addEventListener('abort', stop, { once: true });
  try {
    for await (const fields of parseExport(child.stdout as AsyncIterable<Buffer>)) yield toRecord(fields);
    if (query.follow?.aborted !== true) await ended;
  } finally {
    query.follow?.removeEventListener('abort', stop);
    stop();
  }
}

function journalArguments({ id, order, follow, after, sinceMs, untilMs }: JournalQuery): string[] {
  return [
    '--quiet',
    '--no-pager',
    '--output=export',
    '--output-fields=MESSAGE,PRIORITY,CONTAINER_PARTIAL_MESSAGE',
    ...(follow ? ['--follow', '--no-tail'] : []),
    ...(order === 'newest first' ? ['--reverse'] : []),
    ...(after === undefined ? [] : [`--after-cursor=${after}`]),
    ...(sinceMs === undefined || after !== undefined ? [] : [`--since=@${(sinceMs / 1000).toFixed(3)}`]),
    ...(untilMs === undefined ? [] : [`--until=@${(untilMs / 1000).toFixed(3)}`]),
    `CONTAINER_ID_FULL=${id}`,
  ];
}

async function waitFor(child: ChildProcessByStdio<null, Readable, Readable>): Promise<void> {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (cause) =>
      reject(
        new TspodError(`the journal cannot be read: journalctl: ${cause.message}`, {
          cause,
          remedy: 'It belongs to systemd, and has to be in the PATH.',
        }),
      ),
    );
  });
  if (code === 0) return;
  throw new TspodError(`the journal cannot be read: ${said.trim().split('\n').at(-1) ?? ''}`, {
    remedy: 'An administrator may let you: usermod --append --groups systemd-journal $USER',
  });
}

function toRecord(fields: JournalFields): JournalRecord {
  const text = (name: string) => fields.get(name)?.toString('latin1') ?? '';
  const microseconds = Number(text('__REALTIME_TIMESTAMP'));
  const seconds = new Date(microseconds / 1000).toISOString().slice(0, 19);
  const fraction = String(microseconds % 1_000_000).padStart(6, '0');
  return {
    time: Buffer.from(`${seconds}.${fraction}000Z`),
    stream: text('PRIORITY') === '3' ? 'stderr' : 'stdout',
    text: fields.get('MESSAGE') ?? Buffer.alloc(0),
    isWhole: text('CONTAINER_PARTIAL_MESSAGE') !== 'true',
    cursor: text('__CURSOR'),
  };
}
