import { createRequire } from 'node:module';

type Koffi = typeof import('koffi');

let loaded: Koffi | undefined;

/**
 * The foreign function interface, loaded at the first call: 10 ms that no path pays without need.
 *
 * Its .node file cannot be bundled, so the package is found beside the bundle, as Node finds packages.
 */
export function loadKoffi(): Koffi {
  loaded ??= createRequire(import.meta.url)('koffi') as Koffi;
  return loaded;
}
