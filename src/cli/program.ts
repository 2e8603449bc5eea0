/** What the build knows about the program. */
declare const TSPOD_VERSION: string | undefined;

/** package.json's version; run from the sources there is none. */
export const programVersion = typeof TSPOD_VERSION === 'undefined' ? '0.0.0-source' : TSPOD_VERSION;
