/** Image archives as people hand them over: a tar file, compressed or not, standard input, or a directory. */
import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { NotFoundError, TspodError } from '../errors.ts';
import { compressionOf, decompress } from './decompress.ts';
import { openStaging, type Staging } from './staging.ts';
import { cleanPath, indexTar, type TarMember } from './tar-index.ts';

export interface Archive extends AsyncDisposable {
  /** Names it in messages. */
  readonly what: string;
  /** The file of a name, through links; undefined when there is none. */
  find(path: string): ArchiveFile | undefined;
}

export interface ArchiveFile {
  /** bytes */
  readonly size: number;
  /** Nothing is opened before the first byte is asked for. */
  stream(): AsyncIterable<Buffer>;
}

/**
 * Open an archive: a file, a directory, or standard input.
 *
 * @throws {TspodError} when it is not there, or is no archive
 */
export async function openArchive(path: string | undefined): Promise<Archive> {
  const what = path ?? 'standard input';
  return await explained(what, async () => {
    if (path === undefined) return await openFile(0, what);
    if (statSync(path).isDirectory()) return openDirectory(path);
    return await openFile(openSync(path, 'r'), what);
  });
}

/**
 * Open an archive that comes from elsewhere, byte after byte.
 *
 * @param what names it in messages
 * @throws {TspodError} when it does not come, or is no archive
 */
export async function openStreamedArchive(content: AsyncIterable<Buffer>, what: string): Promise<Archive> {
  return await explained(what, async () => await openStream(content, what));
}

async function explained(what: string, open: () => Promise<Archive>): Promise<Archive> {
  try {
    return await open();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new NotFoundError(`no file "${what}"`, { cause, remedy: `ls -l ${dirname(what)}` });
    if (code === 'EACCES') throw new TspodError(`you may not read "${what}"`, { cause, remedy: `ls -l ${what}` });
    if (cause instanceof TspodError && !cause.message.includes(`"${what}"`)) {
      throw new TspodError(`cannot load "${what}": ${cause.message}`, { cause, remedy: cause.remedy });
    }
    throw cause;
  }
}

/** Documents of an image are smaller. */
const DOCUMENT_MAX = 4 << 20;

/**
 * Read a small file whole.
 *
 * @throws {TspodError} when it is larger than any document of an image
 */
export async function readDocument(file: ArchiveFile, what: string): Promise<Buffer> {
  if (file.size > DOCUMENT_MAX) throw new TspodError(`"${what}" has ${file.size} bytes, too many for a document`);
  return Buffer.concat(await Array.fromAsync(file.stream()));
}

function openDirectory(path: string): Archive {
  return {
    what: path,
    find(name) {
      const file = join(path, cleanPath(name));
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat?.isFile() === true
        ? { size: stat.size, stream: () => streamOf(() => openSync(file, 'r')) }
        : undefined;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function openFile(fd: number, what: string): Promise<Archive> {
  const head = Buffer.alloc(4);
  const isFile = fstatSync(fd).isFile();
  if (isFile && compressionOf(head.subarray(0, readSync(fd, head, 0, 4, 0))) === 'none') return openTar(fd, what);
  // Standard input may be a pipe that somebody made non-blocking: Node's own stream waits for it.
  const content = fd === 0 ? process.stdin : createReadStream('', { fd, highWaterMark: 1 << 20 });
  return await openStream(content, what);
}

/** What cannot be read in any order is written to a file first. */
async function openStream(content: AsyncIterable<Buffer>, what: string): Promise<Archive> {
  const staging = await openStaging();
  try {
    return openTar(await spool(content, staging), what, staging);
  } catch (error) {
    await staging[Symbol.asyncDispose]();
    throw error;
  }
}

async function spool(content: AsyncIterable<Buffer>, staging: Staging): Promise<number> {
  const file = staging.file('archive');
  await pipeline(decompress(content), createWriteStream(file, { mode: 0o600 }));
  return openSync(file, 'r');
}

function openTar(fd: number, what: string, staging?: Staging): Archive {
  const members = indexTar(fd, fstatSync(fd).size);
  return {
    what,
    find(path) {
      const member = follow(members, cleanPath(path));
      return member && { size: member.size, stream: () => streamPart(fd, member) };
    },
    [Symbol.asyncDispose]: async () => {
      if (fd !== 0) closeSync(fd);
      await staging?.[Symbol.asyncDispose]();
    },
  };
}

/** Archives of old Dockers say that a layer is another one's by a link; a hard link's is from the root, a symlink's from its place. */
function follow(members: ReadonlyMap<string, TarMember>, path: string): TarMember | undefined {
  let member = members.get(path);
  for (let hops = 0; member?.type === 'link' && hops < 10; hops++) {
    member = members.get(cleanPath(member.link)) ?? members.get(cleanPath(`${member.path}/../${member.link}`));
  }
  return member?.type === 'file' ? member : undefined;
}

const CHUNK = 1 << 20;

async function* streamPart(
  fd: number,
  { offset, size }: { readonly offset: number; readonly size: number },
): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < size;) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size - at));
    const read = readSync(fd, chunk, 0, chunk.length, offset + at);
    if (read === 0) throw new TspodError('the file became shorter while it was read');
    at += read;
    yield await Promise.resolve(chunk.subarray(0, read));
  }
}

async function* streamOf(open: () => number): AsyncGenerator<Buffer, void, undefined> {
  const fd = open();
  try {
    yield* streamPart(fd, { offset: 0, size: fstatSync(fd).size });
  } finally {
    closeSync(fd);
  }
}
