/** The image that comes with the program: `localhost/tspod/hello`, there in a new store without any pull. */
import { existsSync } from 'node:fs';
import { programPath, storePath } from '../../host/paths.ts';
import { localImageName } from '../../model/image-reference.ts';
import { TspodError } from '../../errors.ts';
import { findImage, type StoredImage } from '../../store/images.ts';
import { loadImages } from './load.ts';

const NAME = 'localhost/tspod/hello:latest';

/** Put the built-in image into a store that is new. A look at one file when it is not. */
export async function prepareStore(): Promise<void> {
  if (!existsSync(storePath('index.json')) && isBuilt()) await loadImages(layoutPath());
}

/** The built-in image, when that is what the name means; it comes back when it was removed. */
export async function findBuiltInImage(name: string): Promise<StoredImage | undefined> {
  if (!isItsName(name) || !isBuilt()) return undefined;
  await loadImages(layoutPath());
  return findImage(NAME);
}

function layoutPath(): string {
  return programPath('hello');
}

function isBuilt(): boolean {
  return existsSync(programPath('hello', 'index.json'));
}

function isItsName(text: string): boolean {
  try {
    return localImageName(text) === NAME;
  } catch (error) {
    if (error instanceof TspodError) return false;
    throw error;
  }
}
