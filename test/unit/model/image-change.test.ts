import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageChange } from '../../../src/model/image-change.ts';

const apply = (...changes: readonly string[]) =>
  changes.reduce((settings, text) => parseImageChange(text)(settings), {});

test('commands are JSON lists, or for a shell', () => {
  assert.deepEqual(apply('CMD ["ls", "-l"]'), { Cmd: ['ls', '-l'] });
  assert.deepEqual(apply('cmd ls -l'), { Cmd: ['/bin/sh', '-c', 'ls -l'] });
  assert.deepEqual(apply('CMD=/bin/sh'), { Cmd: ['/bin/sh', '-c', '/bin/sh'] });
  assert.deepEqual(apply('ENTRYPOINT ["/x"]', 'ENTRYPOINT []'), { Entrypoint: [] });
  assert.deepEqual(apply('CMD [ -e /x ]'), { Cmd: ['/bin/sh', '-c', '[ -e /x ]'] });
});

test('variables and labels are pairs, with quotes as in a shell, and the last one counts', () => {
  assert.deepEqual(apply('ENV A=1 B="two words"', 'ENV A=3', `ENV C='x' D=a\\ b`), {
    Env: ['A=3', 'B=two words', 'C=x', 'D=a b'],
  });
  assert.deepEqual(apply('ENV PATH /bin:/usr/bin'), { Env: ['PATH=/bin:/usr/bin'] });
  assert.deepEqual(apply('LABEL a=b "c d"="e=f"'), { Labels: { a: 'b', 'c d': 'e=f' } });
});

test('a value that is JSON is taken as it is', () => {
  assert.deepEqual(apply('LABEL a=[{"b": "c d"}]', 'LABEL e={"f":"\\"g\\""}', 'LABEL h={"i"}'), {
    Labels: { a: '[{"b": "c d"}]', e: '{"f":"\\"g\\""}', h: '{i}' },
  });
  assert.deepEqual(apply('ENV A={"b":1}'), { Env: ['A={"b":1}'] });
});

test('ports, volumes and the rest', () => {
  assert.deepEqual(apply('EXPOSE 80 53/udp'), { ExposedPorts: { '80/tcp': {}, '53/udp': {} } });
  assert.deepEqual(apply('VOLUME ["/a", "/b"]', 'VOLUME /c /d'), {
    Volumes: { '/a': {}, '/b': {}, '/c': {}, '/d': {} },
  });
  assert.deepEqual(apply('USER www:www', 'WORKDIR /srv', 'STOPSIGNAL SIGQUIT', 'ONBUILD RUN x'), {
    User: 'www:www',
    WorkingDir: '/srv',
    StopSignal: 'SIGQUIT',
    OnBuild: ['RUN x'],
  });
});

test('what is no change is refused with the words there are', () => {
  assert.throws(() => parseImageChange('RUN ls'), /"RUN ls" is not a change of an image/);
  assert.throws(() => parseImageChange('CMD'), /is not a change of an image/);
  assert.throws(() => parseImageChange('toString x'), /is not a change of an image/);
  assert.throws(() => parseImageChange('EXPOSE 0'), /"0" is not a port/);
  assert.throws(() => parseImageChange('EXPOSE 70000'), /"70000" is not a port/);
  assert.throws(() => parseImageChange('STOPSIGNAL NOPE'), /NOPE/);
  assert.throws(() => parseImageChange('ENV A=1 B'), /"A=1 B" is not what ENV takes/);
});
