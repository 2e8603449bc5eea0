/** The control socket of a running monitor: requests as ops, answers as frames (native/lib/frame.h). */
import { closeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { hasCode, TspodError } from '../errors.ts';
import { encodeOps, type Op } from '../plan/ops.ts';
import { openIfPresent } from './present.ts';

/** type (1 byte), length (4 bytes, little-endian), payload */
const FRAME_HEADER = 5;

export interface Frame {
  readonly type: string;
  readonly payload: Buffer;
}

/**
 * Ask a monitor for something and read its frames until it hangs up.
 *
 * @param runtimeDirectory the container's, which holds the socket `attach`
 * @param signal ends the frames before the monitor does
 * @returns undefined when no monitor listens there
 */
export async function request(
  runtimeDirectory: string,
  ops: readonly Op[],
  signal?: AbortSignal,
): Promise<AsyncIterable<Frame> | undefined> {
  const socket = await open(runtimeDirectory);
  if (socket === undefined) return undefined;
  if (signal?.aborted) socket.destroy();
  signal?.addEventListener('abort', () => socket.destroy(), { once: true });
  const body = Buffer.from(encodeOps(ops));
  const header = Buffer.alloc(4);
  header.writeUInt32LE(body.length);
  socket.write(Buffer.concat([header, body]));
  return readFrames(socket, signal);
}

/** A socket address has at most 107 bytes, so the directory is named by descriptor: unix(7). */
async function open(runtimeDirectory: string): Promise<Socket | undefined> {
  const directory = openIfPresent(runtimeDirectory);
  if (directory === undefined) return undefined;
  try {
    return await new Promise((resolve, reject) => {
      const socket = connect(`/proc/self/fd/${directory}/attach`);
      socket.once('connect', () => resolve(socket));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (isHangUp(error) || error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
        else reject(new TspodError(`the monitor at "${runtimeDirectory}" cannot be reached`, { cause: error }));
      });
    });
  } finally {
    closeSync(directory);
  }
}

async function* readFrames(socket: Socket, signal: AbortSignal | undefined): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= FRAME_HEADER) {
        const end = FRAME_HEADER + rest.readUInt32LE(1);
        if (rest.length < end) break;
        yield { type: rest.toString('latin1', 0, 1), payload: rest.subarray(FRAME_HEADER, end) };
        rest = rest.subarray(end);
      }
    }
  } catch (error) {
    if (!isHangUp(error) && signal?.aborted !== true) throw error;
  } finally {
    socket.destroy();
  }
}

/** A monitor that was killed, or ends while we ask, hangs up like any other: before or after it has accepted. */
function isHangUp(error: unknown): boolean {
  return hasCode(error, 'ECONNRESET', 'EPIPE');
}
