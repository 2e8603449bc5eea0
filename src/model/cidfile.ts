import { join } from 'node:path/posix';
import type { ContainerConfig } from './container-config.ts';

/** Where the file of `--cidfile` is; undefined when there is none, or nobody knows any more where it was. */
export function cidfilePath({
  cidfile,
  createDirectory,
}: Pick<ContainerConfig, 'cidfile' | 'createDirectory'>): string | undefined {
  if (cidfile === undefined || cidfile.startsWith('/')) return cidfile;
  return createDirectory === undefined ? undefined : join(createDirectory, cidfile);
}
