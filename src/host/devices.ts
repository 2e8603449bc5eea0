/** Device nodes of the host: what a privileged container gets. */
import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';

/** Directories with things of the host's own processes, and of the container's. */
const FOREIGN = ['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev'];

/** Every device node below /dev but the terminals. */
export function listDevices(folder = '/dev'): readonly string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return FOREIGN.includes(entry.name) ? [] : listDevices(path);
    const isDevice = entry.isCharacterDevice() || entry.isBlockDevice();
    return isDevice && !/^\/dev\/(?:console|ptmx|tty.*)$/.test(path) ? [path] : [];
  });
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, 'EACCES', 'ENOENT')) return []; // Root's alone, or just gone.
    throw error;
  }
}
