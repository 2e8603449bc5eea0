/** What the build knows about the program, and the name it goes by. */
import { basename } from 'node:path';
import { PODMAN_VERSION } from '../model/podman-version.ts';

declare const TSPOD_VERSION: string | undefined;

/** package.json's version; run from the sources there is none. */
export const programVersion = typeof TSPOD_VERSION === 'undefined' ? '0.0.0-source' : TSPOD_VERSION;

/** Who calls it `podman`, by a link of that name, wants to know what Podman it does as, and goes by that. */
export const shownAs =
  basename(process.argv0) === 'podman'
    ? { name: 'podman', version: PODMAN_VERSION }
    : { name: 'tspod', version: programVersion };
