import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    'src/main.ts',
    'commands/**/*.ts',
    'man/build.ts',
    'packaging/build.ts',
    'packaging/lint.ts',
    'packaging/setup.mjs',
    'test/**/*.test.ts',
    'test/bench/run.ts',
    'test/run.ts',
  ],
  exclude: ['binaries'], // They are the host's: packaging/host-needs.mjs knows their packages.
  ignoreDependencies: ['dependency-cruiser'], // Started by packaging/lint.ts.
  ignoreExportsUsedInFile: { interface: true, type: true },
  project: ['src/**/*.ts', 'commands/**/*.ts', 'man/**/*.ts', 'packaging/**/*.{ts,mjs}', 'test/**/*.ts'],
};

export default config;
