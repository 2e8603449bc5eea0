import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectLog } from '../../../src/cli/container-request/log-options.ts';
import { UsageError } from '../../../src/errors.ts';

const log = (driver: string, ...options: string[]) =>
  collectLog({ 'log-driver': driver, 'log-opt': options, tty: false });

test('options of a log become its settings', () => {
  assert.deepEqual(log('k8s-file', 'path=/tmp/a=b.log', 'max-size=10k', 'max-file=3'), {
    driver: 'k8s-file',
    path: '/tmp/a=b.log',
    maxSize: 10240,
    maxFiles: 3,
  });
  assert.deepEqual(log('journald', 'tag={{.Name}}'), { driver: 'journald', tag: '{{.Name}}' });
});

test('options of other drivers are ignored', () => {
  assert.deepEqual(log('json-file', 'labels=app', 'mode=non-blocking', 'max-file=3'), {
    driver: 'json-file',
    maxFiles: 3,
  });
});

const refusals: [driver: string, option: string, remedy: RegExp][] = [
  ['k8s-file', 'path=relative', /begins with a slash/],
  ['journald', 'path=/x', /--log-driver k8s-file/],
  ['none', 'path=/x', /--log-driver k8s-file/],
  ['k8s-file', 'tag=x', /--log-driver journald/],
  ['journald', 'tag=', /tag=web/],
  ['journald', 'tag=a\nMESSAGE=forged', /one line/],
  ['k8s-file', 'max-file=x', /a number/],
  ['k8s-file', 'max-file=99999', /at most 9999/],
  ['k8s-file', '=bar', /max-size=10m/],
  ['k8s-file', 'foo', /max-size=10m/],
];
for (const [driver, option, remedy] of refusals) {
  test(`--log-driver ${driver} --log-opt ${JSON.stringify(option)} is refused`, () => {
    assert.throws(
      () => log(driver, option),
      (error) =>
        error instanceof UsageError && error.message.includes(`"${option}"`) && remedy.test(error.remedy ?? ''),
    );
  });
}

test('a size of a log that is none is refused', () => {
  assert.throws(() => log('k8s-file', 'max-size=xx'), /"xx" is not a size/);
});

test('a container with a terminal of its own cannot have the streams of its starter', () => {
  assert.throws(
    () => collectLog({ 'log-driver': 'passthrough-tty', tty: true }),
    /--tty and --log-driver passthrough-tty/,
  );
});
