import type { HttpResponse } from './http.ts';
import { describeNetworkError } from './network-error.ts';
import { serverFault } from './server-fault.ts';

/**
 * Read a small body whole.
 *
 * @param limit bytes
 * @throws {TspodError} when it is larger
 */
export async function readBody({ body, url }: HttpResponse, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw describeNetworkError(error, url);
  }
  if (size > limit) throw serverFault(`the registry "${url.host}" sent a document of more than ${limit} bytes`);
  return Buffer.concat(chunks);
}
