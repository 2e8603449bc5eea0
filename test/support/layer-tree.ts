/** What a layer looks like on disk, seen as root of the user namespace. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { writeOciArchive } from './images.ts';
import type { TarEntry } from './tar.ts';
import { tspodWithEmptyStore, type Tspod } from './tspod.ts';

/** lstat(2), with the extended attributes. */
export interface TreeNode {
  readonly type: 'file' | 'directory' | 'symlink' | 'char' | 'fifo' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Bytes on disk. */
  readonly allocated: number;
  readonly links: number;
  readonly device: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  /** Of a small file, and where a symlink leads. */
  readonly content: string;
  /** In hexadecimal. */
  readonly xattrs: Readonly<Record<string, string>>;
}

export type Tree = Readonly<Record<string, TreeNode>>;

/** Load an image of one layer and look at it; or what tspod said when it refused. */
export async function unpackLayer(
  t: TestContext,
  layer: readonly TarEntry[],
): Promise<{ tspod: Tspod; tree: Tree; stderr: string }> {
  const tspod = await tspodWithEmptyStore(t);
  const archive = join(tspod.folder, 'image.tar');
  writeOciArchive(archive, { layers: [layer] }, 'localhost/layer:latest');
  const { stderr } = await tspod('load', '--quiet', '--input', archive);
  return { tspod, stderr, tree: stderr === '' ? await readLayer(tspod, 'localhost/layer', 0) : {} };
}

/** Where a layer of an image lies, by position. */
export async function layerFolder(tspod: Tspod, image: string, position: number): Promise<string> {
  const diffIds = await tspod.ok('image', 'inspect', '--format', '{{json .RootFS.Layers}}', image);
  const diffId = (JSON.parse(diffIds) as string[])[position] ?? '';
  return join(tspod.store, 'layers', diffId.replace('sha256:', ''));
}

/** A layer of an image, by position. */
export async function readLayer(tspod: Tspod, image: string, position: number): Promise<Tree> {
  const koffi = join(import.meta.dirname, '../../node_modules/koffi');
  const folder = await layerFolder(tspod, image, position);
  return JSON.parse(await tspod.ok('unshare', process.execPath, '-e', LOOK, folder, koffi)) as Tree;
}

/** A tar archive of the host's own tar program, as the content of a layer. */
export function makeTar(folder: string, ...args: readonly string[]): Buffer {
  return execFileSync('tar', ['--create', '--directory', folder, '--file', '-', ...args], { maxBuffer: 1 << 30 });
}

const LOOK = `
const [folder, path] = process.argv.slice(1);
const { lstatSync, readdirSync, readFileSync, readlinkSync } = require('node:fs');
const { join, relative } = require('node:path');
const koffi = require(path);
const libc = koffi.load(null);
const list = libc.func('long llistxattr(str path, _Out_ uint8_t *list, size_t size)');
const get = libc.func('long lgetxattr(str path, str name, _Out_ uint8_t *value, size_t size)');
const call = (f, ...args) => {
  const buffer = Buffer.alloc(65536);
  return buffer.subarray(0, Math.max(0, Number(f(...args, buffer, buffer.length))));
};
const tree = {};
const types = { isFile: 'file', isDirectory: 'directory', isSymbolicLink: 'symlink', isCharacterDevice: 'char', isFIFO: 'fifo' };
const look = (file) => {
  const stat = lstatSync(file);
  const type = Object.entries(types).find(([is]) => stat[is]())?.[1] ?? 'other';
  const names = call(list, file).toString().split('\\0').filter((name) => name !== '' && name !== 'security.selinux');
  tree[relative(folder, file)] = {
    type, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, size: stat.size, allocated: stat.blocks * 512,
    links: stat.nlink, device: stat.rdev, mtime: stat.mtimeMs / 1000,
    content: type === 'symlink' ? readlinkSync(file) : type === 'file' && stat.size < 4096 ? readFileSync(file, 'latin1') : '',
    xattrs: Object.fromEntries(names.map((name) => [name, call(get, file, name).toString('hex')])),
  };
  if (type === 'directory') for (const name of readdirSync(file)) look(join(file, name));
};
look(folder);
console.log(JSON.stringify(tree));
`;
