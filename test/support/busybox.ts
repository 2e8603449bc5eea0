/** The static busybox of the host, of which all images of the tests are made. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { TarEntry } from './tar.ts';

const PLACES = ['/usr/bin/busybox', '/bin/busybox', '/usr/sbin/busybox', '/sbin/busybox'];

export function busyboxPath(): string | undefined {
  return PLACES.find((path) => existsSync(path) && isStatic(path));
}

/** A root file system of busybox and a link for each of its applets. */
export function busyboxRoot(): readonly TarEntry[] {
  const path = busyboxPath();
  if (!path) throw new Error('no static busybox; a test that needs it says missing("busybox")');
  const applets = execFileSync(path, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  const directory = (name: string, mode = 0o755): TarEntry => ({ path: `${name}/`, type: 'directory', mode });
  return [
    ...['bin', 'dev', 'etc', 'home', 'proc', 'sys', 'usr', 'var', 'www'].map((name) => directory(name)),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    { path: 'bin/busybox', content: readFileSync(path), mode: 0o755 },
    ...applets
      .filter((applet) => applet !== 'busybox')
      .map((applet): TarEntry => ({ path: `bin/${applet}`, type: 'symlink', link: 'busybox', mode: 0o777 })),
    {
      path: 'etc/passwd',
      content: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nwww:x:1234:1234::/www:/bin/sh\n',
    },
    { path: 'etc/group', content: 'root:x:0:\nwheel:x:10:www\nnogroup:x:65534:\nwww:x:1234:\n' },
  ];
}

/** An ELF file without an interpreter (program header type 3) needs no library. */
function isStatic(path: string): boolean {
  const elf = readFileSync(path);
  const table = Number(elf.readBigUInt64LE(32));
  const [size, count] = [elf.readUInt16LE(54), elf.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => elf.readUInt32LE(table + index * size)).every(
    (type) => type !== 3,
  );
}
