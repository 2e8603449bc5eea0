/** The image of most rows, from an archive. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxImage, writeOciArchive } from '../support/images.ts';
import { IMAGE } from './compare.ts';
import { call, type Engine } from './engines.ts';

/** @param folder where the archive is kept for the next store */
export async function loadImage(engine: Engine, folder: string): Promise<void> {
  const archive = join(folder, 'image.tar');
  if (!existsSync(archive)) writeOciArchive(archive, busyboxImage(), `${IMAGE}:latest`);
  if (engine.name === 'podman') await call(engine, 'pull', '--quiet', `oci-archive:${archive}`);
  else await call(engine, 'load', '--quiet', '--input', archive);
}
