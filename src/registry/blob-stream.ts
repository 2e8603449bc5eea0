/** The bytes of a blob in order, over as many connections as it takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TspodError } from '../errors.ts';
import type { HttpResponse } from './http.ts';
import { describeNetworkError, isTransient } from './network-error.ts';
import { backoffMs } from './retry.ts';
import { serverFault } from './server-fault.ts';

export interface BlobSource {
  /** bytes */
  readonly size: number;
  /** Names the blob in errors. */
  readonly what: string;
  /** Ask for the bytes from an offset on; the answer may begin at 0 all the same. */
  readonly open: (offset: number) => Promise<HttpResponse>;
}

/** Connections in a row that may break without bringing anything. */
const MAX_FRUITLESS = 4;

/**
 * Yield exactly `size` bytes; where a connection breaks, the next one begins there.
 *
 * @throws {TspodError} when the blob is shorter or longer than it should be, or the registry is lost
 */
export async function* readBlobStream({ size, what, open }: BlobSource): AsyncGenerator<Buffer, void, undefined> {
  let offset = 0;
  let fruitless = 0;
  while (offset < size || (size === 0 && fruitless === 0)) {
    const before = offset;
    const response = await open(offset);
    if (response.status === 416) {
      response.body.destroy(); // There is nothing after what we have: RFC 9110, section 15.5.17.
      throw tooLittle(what, { offset, size, cause: undefined });
    }
    let failure: unknown;
    try {
      let skip = offset - startOf(response, what);
      if (skip < 0) throw tooMuch(what, size);
      for await (const received of response.body as AsyncIterable<Buffer>) {
        const chunk = received.subarray(Math.min(skip, received.length));
        skip -= received.length - chunk.length;
        if (chunk.length === 0) continue;
        if (offset + chunk.length > size) throw tooMuch(what, size);
        offset += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (!isTransient(error)) throw describeNetworkError(error, response.url);
      failure = error;
    } finally {
      if (!response.body.complete) response.body.destroy();
    }
    if (offset === size) return;
    fruitless = offset > before ? 0 : fruitless + 1;
    if (fruitless > MAX_FRUITLESS) throw tooLittle(what, { offset, size, cause: failure });
    await sleep(backoffMs(fruitless));
  }
}

/** Where the body begins: RFC 9110, section 14.4. */
function startOf({ status, headers }: HttpResponse, what: string): number {
  if (status !== 206) return 0;
  const start = /^bytes ([0-9]+)-/.exec(headers['content-range'] ?? '')?.[1];
  if (start === undefined) throw serverFault(`the registry sent a part of ${what} without saying which`);
  return Number(start);
}

function tooMuch(what: string, size: number): TspodError {
  return new TspodError(`the registry sent more of ${what} than its ${size} bytes`, {
    remedy: 'Its manifest and its content disagree; the image must be pushed again.',
  });
}

function tooLittle(
  what: string,
  { offset, size, cause }: { offset: number; size: number; cause: unknown },
): TspodError {
  return new TspodError(`the registry sent only ${offset} of the ${size} bytes of ${what}`, {
    cause,
    remedy: 'Try again; if it stays so, its content is truncated and the image must be pushed again.',
  });
}
