import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.ts';
import { mergeWords, parseVolumeOptions, tmpfsWords, volumeSettings } from '../../../src/model/volume-settings.ts';

test('a volume without options has a directory of its own', () => {
  assert.deepEqual(parseVolumeOptions([]), {});
  assert.deepEqual(volumeSettings(), { kind: 'own', device: '', words: [] });
  assert.deepEqual(volumeSettings(parseVolumeOptions(['copy', 'o=noquota'])), { kind: 'own', device: '', words: [] });
});

test('the owner of a volume is given with o, or by itself', () => {
  const options = parseVolumeOptions(['o=uid=1000,gid=5']);
  assert.deepEqual(options, { GID: '5', UID: '1000', o: 'uid=1000,gid=5' });
  assert.deepEqual(volumeSettings(options).owner, { uid: 1000, gid: 5 });
  assert.deepEqual(parseVolumeOptions(['uid=1000', 'gid=5']), options);
  assert.deepEqual(volumeSettings(parseVolumeOptions(['o=gid=5'])).owner, { uid: 0, gid: 5 });
});

test('a directory of the host is bound by its type, or by the word of o', () => {
  const expected = { kind: 'bind', device: '/srv/data', words: ['ro'] };
  for (const options of [
    ['type=none', 'device=/srv/data', 'o=bind,ro'],
    ['device=/srv/data', 'o=rbind,ro,defaults'],
    ['type=bind', 'device=/srv/data', 'o=ro'],
  ]) {
    assert.deepEqual(volumeSettings(parseVolumeOptions(options)), expected, options.join(' '));
  }
});

test('a file system in memory has the words of mount(8)', () => {
  const options = parseVolumeOptions(['type=tmpfs', 'device=tmpfs', 'o=size=2M,uid=7,nodev', 'nocopy']);
  const kept = { SIZE: '2M', UID: '7', device: 'tmpfs', nocopy: '', o: 'size=2M,uid=7,nodev', type: 'tmpfs' };
  assert.deepEqual(options, kept);
  const words = ['size=2M', 'uid=7', 'nodev', 'nocopy'];
  assert.deepEqual(volumeSettings(options), { kind: 'tmpfs', device: '', words });
  assert.deepEqual(tmpfsWords([...words, 'z', 'O', 'ro', 'U']), [
    'size=2M',
    'uid=7',
    'nodev',
    'notmpcopyup',
    'ro',
    'U',
  ]);
});

test('what a container says of a mount wins over the options of the volume', () => {
  assert.deepEqual(mergeWords(['ro', 'nodev', 'nocopy'], ['rw', 'copy', 'U']), ['nodev', 'rw', 'copy', 'U']);
});

const REFUSED: readonly (readonly [options: readonly string[], sentence: RegExp])[] = [
  [[''], /the option "": there is none of that name/],
  [['bogus=1'], /"bogus=1": there is none of that name/],
  [['copy', 'nocopy'], /excludes "copy"/],
  [['type=nfs', 'device=host:/data'], /"type=nfs": only root mounts such a file system/],
  [['type=overlay'], /"type=overlay": only root/],
  [['type=none'], /"type=none": it needs a type/],
  [['device=/srv/data'], /"device=\/srv\/data": it needs a type/],
  [['o=bind'], /"o=bind": it needs a directory of the host/],
  [['type=bind'], /it needs a directory of the host/],
  [['o=bind', 'device=data'], /"device=data": it does not begin with a slash/],
  [['o=bind,uid=5', 'device=/srv'], /"o=uid=5": a directory of the host keeps its owner/],
  [['o=bind,size=1m', 'device=/srv'], /"o=size=1m": a limit takes project quotas/],
  [['o=bind,bogus', 'device=/srv'], /"o=bogus": a mount of type bind has none of that name/],
  [['o=size=1m'], /"o=size=1m": a limit takes project quotas, which are for root/],
  [['inodes=5'], /"o=inodes=5": a limit takes project quotas/],
  [['type=tmpfs', 'o=inodes=5'], /"o=inodes=5"/],
  [['type=tmpfs', 'o=size=lots'], /"o=size=lots": a mount of type tmpfs has none/],
  [['type=tmpfs', 'o=tmpcopyup'], /"o=tmpcopyup"/],
  [['o=nodev'], /"o=nodev": nothing is mounted for it/],
  [['o=uid=me'], /"o=uid=me": "me" is not an id/],
  [['o=uid'], /"o=uid": "" is not an id/],
  [['o=gid=4294967295'], /is not an id/],
  [['o=timeout=3'], /"o=timeout=3"/],
];

test('what a volume cannot have is refused with the reason', () => {
  for (const [options, sentence] of REFUSED) {
    assert.throws(
      () => parseVolumeOptions(options),
      (error) => error instanceof UsageError && error.remedy !== undefined && sentence.test(error.message),
      options.join(' '),
    );
  }
});
