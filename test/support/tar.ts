/** A writer of tar archives that can also write what no tar program writes without root, or at all. */
const BLOCK = 512;

const TYPES = { file: '0', hardlink: '1', symlink: '2', char: '3', block: '4', directory: '5', fifo: '6' } as const;

export interface TarEntry {
  readonly path: string;
  readonly type?: keyof typeof TYPES;
  readonly content?: Uint8Array | string;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly link?: string;
  readonly device?: readonly [major: number, minor: number];
  /** In seconds since 1970. */
  readonly mtime?: number;
  /** Records of a pax header of its own before this entry, `SCHILY.xattr.security.capability` say. */
  readonly pax?: Readonly<Record<string, Uint8Array | string>>;
  /** How a name or link of more than 100 bytes is written. */
  readonly longNames?: 'pax' | 'gnu';
}

/** The archive, with the two zero blocks at its end. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(writeEntry), Buffer.alloc(2 * BLOCK)]);
}

function writeEntry(entry: TarEntry): Buffer[] {
  const { path, link = '', longNames = 'pax' } = entry;
  const parts: Buffer[] = [];
  const pax: Record<string, Uint8Array | string> = { ...entry.pax };
  for (const [text, gnuType, paxKey] of [
    [path, 'L', 'path'],
    [link, 'K', 'linkpath'],
  ] as const) {
    if (Buffer.byteLength(text) <= 100) continue;
    if (longNames === 'pax') pax[paxKey] = text;
    else parts.push(header({ path: '././@LongLink' }, gnuType, Buffer.byteLength(text) + 1), padded(`${text}\0`));
  }
  const records = Buffer.concat(Object.entries(pax).map(([key, value]) => paxRecord(key, value)));
  if (records.length > 0) parts.push(header({ path: 'PaxHeaders/entry' }, 'x', records.length), padded(records));

  const content = Buffer.from(entry.content ?? '');
  parts.push(header(entry, TYPES[entry.type ?? 'file'], content.length));
  if (content.length > 0) parts.push(padded(content));
  return parts;
}

/** POSIX ustar header: pax(1), "ustar Interchange Format". */
function header(entry: TarEntry, type: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  block.write(truncated(entry.path, 100), 0);
  octal(entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644), 100, 8);
  octal(entry.uid ?? 0, 108, 8);
  octal(entry.gid ?? 0, 116, 8);
  octal(size, 124, 12);
  octal(entry.mtime ?? 1_700_000_000, 136, 12);
  block.write(type, 156);
  block.write(truncated(entry.link ?? '', 100), 157);
  block.write('ustar\x0000', 257, 'latin1');
  octal(entry.device?.[0] ?? 0, 329, 8);
  octal(entry.device?.[1] ?? 0, 337, 8);
  block.fill(' ', 148, 156); // The checksum counts itself as blanks.
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits. */
function paxRecord(key: string, value: Uint8Array | string): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function padded(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

function truncated(text: string, bytes: number): string {
  return Buffer.from(text).subarray(0, bytes).toString();
}

export function file(path: string, content = 'x', more: Partial<TarEntry> = {}): TarEntry {
  return { path, content, ...more };
}

export function directory(path: string, more: Partial<TarEntry> = {}): TarEntry {
  return { path, type: 'directory', ...more };
}

export function link(path: string, type: 'symlink' | 'hardlink', to: string): TarEntry {
  return { path, type, link: to };
}
