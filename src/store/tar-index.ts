/** What a tar archive in a file holds, and where: an image archive is read by name, in any order. */
import { readSync } from 'node:fs';
import { TspodError } from '../errors.ts';

export interface TarMember {
  /** Without `./` at its beginning. */
  readonly path: string;
  readonly type: 'file' | 'link' | 'other';
  /** Where a link leads, as it stands in the archive. */
  readonly link: string;
  /** Of its content, in bytes from the beginning of the file. */
  readonly offset: number;
  readonly size: number;
}

/**
 * List the members of a tar archive; of several with one name the last counts.
 *
 * @throws {TspodError} when it is not a tar archive, or truncated
 */
export function indexTar(fd: number, fileSize: number): Map<string, TarMember> {
  const members = new Map<string, TarMember>();
  const header = Buffer.alloc(BLOCK);
  let overrides: Overrides = {};
  for (let at = 0; at + BLOCK <= fileSize;) {
    readFully(fd, header, at);
    if (header.every((byte) => byte === 0)) break;
    if (!hasChecksum(header)) throw new TspodError('it is not a tar archive, or a damaged one');
    const type = String.fromCharCode(header.readUInt8(156));
    const size = overrides.size ?? readNumber(header, 124, 12);
    const offset = at + BLOCK;
    if (offset + size > fileSize) throw new TspodError('its tar archive ends too early');
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x' || type === 'L' || type === 'K') {
      overrides = { ...overrides, ...readOverrides(fd, type, { offset, size }) };
    } else if (type !== 'g') {
      const path = cleanPath(overrides.path ?? readName(header));
      const link = overrides.link ?? readText(header, 157, 100);
      members.set(path, { path, type: kindOf(type), link, offset, size });
      overrides = {};
    }
  }
  return members;
}

/** The path without `.`, `..` and empty parts. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

const BLOCK = 512;
/** Names of one member: more is an attack. */
const SPECIAL_MAX = 1 << 20;

interface Overrides {
  readonly path?: string;
  readonly link?: string;
  readonly size?: number;
}

function kindOf(type: string): TarMember['type'] {
  if (type === '0' || type === '\0' || type === '7') return 'file';
  return type === '1' || type === '2' ? 'link' : 'other';
}

/** GNU's long names, and the pax records that matter here: pax(1). */
function readOverrides(fd: number, type: string, { offset, size }: { offset: number; size: number }): Overrides {
  if (size > SPECIAL_MAX) throw new TspodError('its tar archive has a name of more than 1 MiB');
  const data = Buffer.alloc(size);
  readFully(fd, data, offset);
  if (type === 'L') return { path: readText(data, 0, size) };
  if (type === 'K') return { link: readText(data, 0, size) };
  const records: Record<string, string> = {};
  for (let at = 0; at < data.length;) {
    const length = Number.parseInt(data.toString('latin1', at, at + 20), 10);
    const space = data.indexOf(' ', at);
    if (!(length > 0) || space < 0 || space >= at + length) {
      throw new TspodError('its tar archive has a malformed pax header');
    }
    const [key = '', ...value] = data.toString('utf8', space + 1, at + length - 1).split('=');
    records[key] = value.join('=');
    at += length;
  }
  const { path, linkpath, size: paxSize } = records;
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { link: linkpath }),
    ...(paxSize === undefined ? {} : { size: checkedSize(Number(paxSize)) }),
  };
}

function readName(header: Buffer): string {
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? readText(header, 345, 155) : '';
  const name = readText(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function readText(data: Buffer, offset: number, length: number): string {
  const end = data.indexOf(0, offset);
  return data.toString('utf8', offset, end < 0 ? offset + length : Math.min(end, offset + length));
}

/** Octal text, or big-endian binary where the first bit is set. */
function readNumber(data: Buffer, offset: number, length: number): number {
  if ((data.readUInt8(offset) & 0x80) !== 0) return checkedSize(data.readUIntBE(offset + length - 6, 6));
  const digits = readText(data, offset, length).trim();
  return checkedSize(digits === '' ? 0 : Number.parseInt(digits, 8));
}

function checkedSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw new TspodError('its tar archive has a malformed size');
  return size;
}

/** The sum of all bytes of the header, its own eight as blanks. */
function hasChecksum(header: Buffer): boolean {
  let sum = 8 * 0x20;
  for (const [position, byte] of header.entries()) if (position < 148 || position >= 156) sum += byte;
  return Number.parseInt(readText(header, 148, 8).trim(), 8) === sum;
}

function readFully(fd: number, buffer: Buffer, offset: number): void {
  for (let at = 0; at < buffer.length;) {
    const read = readSync(fd, buffer, at, buffer.length - at, offset + at);
    if (read === 0) throw new TspodError('its tar archive ends too early');
    at += read;
  }
}
