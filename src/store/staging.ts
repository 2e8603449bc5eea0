/**
 * Room for something half done: `staging/<random>/` for files and `layers/.<random>` for a tree, which
 * becomes a layer by a rename in its own directory (a rename to another one needs write permission on
 * the tree's root, and images have roots of mode 0555: rename(2)).
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory } from '../host/directory.ts';
import { storePath } from '../host/paths.ts';
import { listIfPresent } from '../host/present.ts';
import { randomHex } from '../host/random.ts';
import { pin, seize } from './pin.ts';
import { writeState } from './state-file.ts';

/** Disposing of it removes it, with everything that was not given its place meanwhile. */
export interface Staging extends AsyncDisposable {
  /** A file of this name in the directory for files. */
  file(name: string): string;
  /** Where the tree goes; nothing is there yet. */
  readonly tree: string;
  /** Where the files of the tree that have capabilities go once more. */
  readonly capable: string;
}

/** A directory for what is not complete yet; disposing of it removes what is still there. */
export async function openStaging(): Promise<Staging> {
  ensureLayout();
  for (;;) {
    const name = randomHex(8);
    ensureDirectory(directoryOf(name));
    const pinned = await pin(directoryOf(name));
    if (pinned === undefined) continue; // Swept before we held it.
    return {
      file: (file) => join(directoryOf(name), file),
      tree: treeOf(name),
      capable: capableOf(name),
      [Symbol.asyncDispose]: async () => {
        await removeStaging(name);
        pinned[Symbol.dispose]();
      },
    };
  }
}

/** Remove what killed processes have left; what a living one holds stays, and what cannot be removed. */
export async function sweepStaging(): Promise<void> {
  for (const name of listIfPresent(storePath('staging'))) {
    using seized = await seize(directoryOf(name));
    if (seized !== undefined) await removeStaging(name);
  }
}

/** Make the store's directories, and the file that says that this is an OCI image layout. */
export function ensureLayout(): void {
  const marker = storePath('oci-layout');
  if (existsSync(marker)) return;
  for (const name of ['blobs/sha256', 'layers', 'staging']) {
    ensureDirectory(storePath(name));
  }
  writeState(marker, { imageLayoutVersion: '1.0.0' });
}

/** The trees first: their names are found through the directory's. */
async function removeStaging(name: string): Promise<void> {
  const trees = [treeOf(name), capableOf(name), `${capableOf(name)}.new`].filter((tree) => existsSync(tree));
  if (trees.length > 0) {
    const { removeLeftovers } = await import('./leftovers.ts');
    await removeLeftovers(trees);
    if (trees.some((tree) => existsSync(tree))) return; // The next sweep tries again.
  }
  rmSync(directoryOf(name), { recursive: true, force: true });
}

function directoryOf(name: string): string {
  return storePath('staging', name);
}

function treeOf(name: string): string {
  return storePath('layers', `.${name}`);
}

function capableOf(name: string): string {
  return storePath('layers', `.${name}.capable`);
}
