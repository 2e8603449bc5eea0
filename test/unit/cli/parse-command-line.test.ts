import * as Flags from '@oclif/core/flags';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import { UsageError } from '../../../src/errors.ts';

const definitions = {
  help: Flags.boolean({}),
  interactive: Flags.boolean({ char: 'i' }),
  tty: Flags.boolean({ char: 't' }),
  'sig-proxy': Flags.boolean({ default: true }),
  publish: Flags.string({ char: 'p', multiple: true }),
  name: Flags.string({}),
  network: Flags.string({ aliases: ['net'] }),
  pull: Flags.string({ options: ['always', 'never'] }),
  count: Flags.custom<number>({
    parse: (text) =>
      /^\d+$/.test(text) ? Promise.resolve(Number(text)) : Promise.reject(new UsageError('it is a number like 3')),
  })(),
};
const parse = (words: string[], interspersed = true) =>
  parseCommandLine(words, definitions, { interspersed, command: 'tspod test' });

test('short flags may be joined, with the value of the last one', async () => {
  const { flags, argv } = await parse(['-itp80:80', '-p', '81:81', '-p=82:82', 'image']);
  assert.equal(flags['interactive'], true);
  assert.equal(flags['tty'], true);
  assert.deepEqual(flags['publish'], ['80:80', '81:81', '82:82']);
  assert.deepEqual(argv, ['image']);
});

test('a boolean takes a value after an equals sign only', async () => {
  const { flags, argv } = await parse(['--sig-proxy=false', '--tty', 'false']);
  assert.equal(flags['sig-proxy'], false);
  assert.equal(flags['tty'], true);
  assert.deepEqual(argv, ['false']);
});

test('a boolean that is not given has its default', async () => {
  const { flags, given } = await parse([]);
  assert.equal(flags['sig-proxy'], true);
  assert.equal(flags['tty'], false);
  assert.equal(given.size, 0);
});

test('the last of several values counts', async () => {
  assert.equal((await parse(['--name', 'a', '--name=b'])).flags['name'], 'b');
});

test('a value may look like a flag', async () => {
  assert.equal((await parse(['--name', '--tty'])).flags['name'], '--tty');
});

test('everything after the image belongs to the container', async () => {
  const { flags, argv } = await parse(['-i', 'image', 'echo', '-t', 'a', 'b', 'a', '--', '--name'], false);
  assert.equal(flags['tty'], false);
  assert.deepEqual(argv, ['image', 'echo', '-t', 'a', 'b', 'a', '--', '--name']);
});

test('flags may stand after the arguments of other commands', async () => {
  const { flags, argv } = await parse(['one', '-t', 'two', '--', '-i']);
  assert.equal(flags['tty'], true);
  assert.deepEqual(argv, ['one', 'two', '-i']);
});

test('a flag has its other name too', async () => {
  assert.equal((await parse(['--net', 'none'])).flags['network'], 'none');
});

const refusals: [words: string[], message: string][] = [
  [['--nonsense', 'x'], 'unknown flag: --nonsense'],
  [['-tz'], "unknown shorthand flag: 'z' in -tz"],
  [['--name'], 'flag needs an argument: --name'],
  [['-p'], "flag needs an argument: 'p' in -p"],
  [['--tty=maybe'], 'invalid argument "maybe" for "-t, --tty" flag: it is either "true" or "false"'],
  [['--pull=often'], 'invalid argument "often" for "--pull" flag: it is one of always, never'],
  [['--count', 'many'], 'invalid argument "many" for "--count" flag: it is a number like 3'],
];
for (const [words, message] of refusals) {
  test(`"${words.join(' ')}" is refused`, async () => {
    await assert.rejects(parse(words), new UsageError(message, { remedy: 'tspod test --help' }));
  });
}

test('a flag that is nearly one says which', async () => {
  await assert.rejects(
    parse(['--nmae', 'x']),
    new UsageError('unknown flag: --nmae', { remedy: 'Did you mean --name?' }),
  );
});
