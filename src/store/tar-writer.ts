/** Image archives as they are written: a tar stream, or the same files in a directory. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TspodError } from '../errors.ts';

/** A file of an archive, or a directory of no size. */
export interface ArchiveMember {
  /** At most 100 bytes; that of a directory ends with a slash. */
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** Exactly so many. */
  readonly content: () => AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** A member that is in memory. */
export function document(path: string, content: Buffer | string): ArchiveMember {
  const bytes = Buffer.from(content);
  return { path, size: bytes.length, content: () => [bytes] };
}

/** A directory: some programs do not make those that files lie in. */
export function directory(path: string): ArchiveMember {
  return { path, size: 0, content: () => [] };
}

/** In the order in which they are written. */
export type ArchiveMembers = AsyncIterable<ArchiveMember> | Iterable<ArchiveMember>;

/**
 * Write members as a tar archive, all of root and of 1970, so that equal images give equal archives.
 *
 * @throws {TspodError} when a member does not have the size it should have
 */
export async function* writeTar(members: ArchiveMembers): AsyncGenerator<Buffer, void, undefined> {
  for await (const member of members) {
    yield header(member);
    yield* checked(member);
    const rest = member.size % BLOCK;
    if (rest > 0) yield Buffer.alloc(BLOCK - rest);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** Write members as files below a directory, which is made if need be; files that are there are replaced. */
export async function writeDirectory(members: ArchiveMembers, target: string): Promise<void> {
  for await (const member of members) {
    const path = join(target, member.path);
    mkdirSync(isDirectory(member) ? path : dirname(path), { recursive: true });
    if (!isDirectory(member)) await pipeline(checked(member), createWriteStream(path));
  }
}

function isDirectory({ path }: ArchiveMember): boolean {
  return path.endsWith('/');
}

async function* checked({ path, size, content }: ArchiveMember): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0;
  for await (const chunk of content()) {
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes !== size) throw new TspodError(`"${path}" has ${bytes} bytes instead of ${size}: the store is damaged`);
}

const BLOCK = 512;

/** pax(1), "ustar Interchange Format"; sizes beyond 8 GiB in GNU's binary form. */
function header(member: ArchiveMember): Buffer {
  const { path, size } = member;
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  block.write(path, 0, 100);
  octal(isDirectory(member) ? 0o755 : 0o444, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  if (size < 8 ** 11) {
    octal(size, 124, 12);
  } else {
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(0, 136, 12);
  block.fill(' ', 148, 156); // The checksum counts itself as blanks.
  block.write(isDirectory(member) ? '5' : '0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
