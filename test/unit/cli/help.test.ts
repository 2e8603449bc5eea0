import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandClass } from '../../../src/cli/base-command.ts';
import { commandHelp, similarCommands, topicHelp } from '../../../src/cli/help.ts';
import { nearest } from '../../../src/cli/nearest.ts';

test('the nearest name is the one with the fewest mistakes, and too many are none', () => {
  assert.equal(nearest(['--name', '--network', '--no-hosts'], '--nmae'), '--name');
  assert.equal(nearest(['--name', '--network'], '--netwrok'), '--network');
  assert.equal(nearest(['--name', '--network'], '--memory'), undefined);
  assert.equal(nearest(['ps', 'rm'], 'xy'), undefined);
  assert.equal(nearest(['--root'], '--foo'), undefined);
});

test('the command that was meant has one word or two', () => {
  const names = ['stop', 'start', 'container list', 'container rm', '__explain'];
  assert.equal(similarCommands(names, ['stpo', 'web']), 'stop');
  assert.equal(similarCommands(names, ['container', 'lst']), 'container list');
  assert.equal(similarCommands(names, ['nonsense']), undefined);
});

const manifest = {
  commands: {
    stop: { aliases: ['container:stop'], description: 'stop containers' },
    'container:prune': { aliases: [], description: 'remove containers' },
    pull: { aliases: ['image:pull'], description: 'pull images' },
    info: { aliases: ['system:info'], description: 'show the host' },
    __explain: { aliases: [], description: 'x', hidden: true },
  },
};

test('help lists the commands by what they are about', () => {
  const text = topicHelp(manifest, '') ?? '';
  assert.match(text, /\nContainers:\n {2}stop {7}Stop containers\n\nImages and Registries:\n {2}pull/);
  assert.match(
    text,
    /\nSystem and Settings:\n {2}info .*\n\nGroups of Commands:\n {2}container .*\n {2}image .*\n {2}system/,
  );
  assert.doesNotMatch(text, /__explain/);
});

test('help of a topic lists what is below it', () => {
  assert.match(topicHelp(manifest, 'container') ?? '', /Available Commands:\n {2}prune {2}Remove containers\n {2}stop/);
  assert.equal(topicHelp(manifest, 'nonsense'), undefined);
});

test('a command that has two names in one place is listed there once', () => {
  const unmount = { aliases: ['umount', 'container:unmount', 'container:umount'], description: 'unmount' };
  assert.doesNotMatch(topicHelp({ commands: { unmount } }, '') ?? '', /umount/);
  assert.match(topicHelp({ commands: { unmount } }, 'container') ?? '', /Commands:\n {2}unmount {2}Unmount\n\n/);
});

test('the usage of a command below a topic names it once', () => {
  const command = { description: 'x', usage: 'volume import VOLUME [SOURCE]', examples: [], flags: {}, baseFlags: {} };
  const text = commandHelp(command as unknown as CommandClass, 'volume import');
  assert.match(text, /Usage:\n {2}tspod volume import VOLUME \[SOURCE\]\n/);
});

test('on a terminal the right column is broken between words, and stays where it is', () => {
  const description = 'show what the command does to a container that is stopped, and to one that runs';
  const command = {
    ...{ description: 'x', usage: 'x', examples: [] },
    flags: { name: { type: 'option', description } },
    baseFlags: { all: { type: 'boolean', description: 'all' } },
  } as unknown as CommandClass;
  const rows =
    '      --name VALUE   Show what the command does to a\n                     container that is stopped, and\n';
  assert.ok(commandHelp(command, 'x', { columns: 52 }).includes(rows));
  for (const options of [{}, { columns: 30 }])
    assert.ok(commandHelp(command, 'x', options).includes(`   S${description.slice(1)}\n`));
});
