import assert from 'node:assert/strict';
import test from 'node:test';
import { compileIdMaps, findAutoStart, fullMap, remedyForSubids, showIdMaps } from '../../../src/plan/id-maps.ts';
import { exampleFacts } from '../../support/examples.ts';

test('the user is root inside and the subordinate ids follow', () => {
  assert.deepEqual(fullMap(1001, [{ start: 100000, count: 65536 }]), [
    { inside: 0, outside: 1001, size: 1 },
    { inside: 1, outside: 100000, size: 65536 },
  ]);
});

test('several subordinate ranges are laid one after the other', () => {
  assert.deepEqual(
    fullMap(1001, [
      { start: 100000, count: 10 },
      { start: 300000, count: 5 },
    ]),
    [
      { inside: 0, outside: 1001, size: 1 },
      { inside: 1, outside: 100000, size: 10 },
      { inside: 11, outside: 300000, size: 5 },
    ],
  );
});

test('keep-id lets the user keep its id and moves the ids around it', () => {
  const { uidMap } = compileIdMaps(
    { kind: 'keep-id' },
    exampleFacts({ uid: 1001, subuids: [{ start: 100000, count: 65536 }] }),
  );
  assert.deepEqual(uidMap, [
    { inside: 0, outside: 100000, size: 1001 },
    { inside: 1001, outside: 1001, size: 1 },
    { inside: 1002, outside: 101001, size: 64535 },
  ]);
});

test('a map of --uidmap goes over the borders of what the user has', () => {
  const facts = exampleFacts({
    uid: 12,
    subuids: [
      { start: 100000, count: 10 },
      { start: 300000, count: 10 },
    ],
  });
  const uidMap = [
    { inside: 5, outside: 0, size: 15 },
    { inside: 0, outside: 30, size: 2 },
  ];
  const { init } = compileIdMaps(
    { kind: 'mapped', uidMap: [{ inside: 0, outside: 0, size: 15 }], gidMap: uidMap },
    facts,
  );
  assert.deepEqual(init?.uidMap, [
    { inside: 0, outside: 0, size: 1 },
    { inside: 1, outside: 1, size: 10 },
    { inside: 11, outside: 11, size: 4 },
  ]);
  assert.deepEqual(init.gidMap.at(-1), { inside: 0, outside: 30, size: 2 }, 'what is not there is left to the kernel');
});

test('keep-id goes over the border of two ranges', () => {
  const facts = exampleFacts({
    uid: 12,
    subuids: [
      { start: 100000, count: 10 },
      { start: 300000, count: 10 },
    ],
  });
  assert.deepEqual(compileIdMaps({ kind: 'keep-id' }, facts).uidMap, [
    { inside: 0, outside: 100000, size: 10 },
    { inside: 10, outside: 300000, size: 2 },
    { inside: 12, outside: 12, size: 1 },
    { inside: 13, outside: 300002, size: 8 },
  ]);
});

test('without subordinate ids keep-id maps the one id there is to root, and refuses another', () => {
  const facts = exampleFacts({ uid: 1001, subuids: [], subgids: [] });
  assert.deepEqual(compileIdMaps({ kind: 'keep-id', uid: 0, gid: 0 }, facts).uidMap, [
    { inside: 0, outside: 1001, size: 1 },
  ]);
  assert.throws(
    () => compileIdMaps({ kind: 'keep-id' }, facts),
    /--userns=keep-id needs subordinate ids, and "\w+" has none/,
  );
  assert.throws(
    () => compileIdMaps({ kind: 'keep-id' }, { ...facts, helpers: {} }),
    /newuidmap, which maps them, is not installed/,
  );
});

test('keep-id says how many ids it lacks and how to get them', () => {
  const facts = exampleFacts({ uid: 70000, userName: 'carol', subuids: [{ start: 100000, count: 65536 }] });
  assert.throws(
    () => compileIdMaps({ kind: 'keep-id' }, facts),
    /--userns=keep-id needs 70000 subordinate ids below "70000", you have 65536/,
  );
});

test('auto nests a range below the full map', () => {
  const { uidMap, init } = compileIdMaps({ kind: 'auto', size: 500 }, exampleFacts({ uid: 1001 }));
  assert.deepEqual(uidMap[0], { inside: 0, outside: 1001, size: 1 });
  assert.deepEqual(init?.uidMap, [{ inside: 0, outside: 1, size: 500 }]);
});

test('auto takes the first gap that is large enough', () => {
  const taken = [
    { kind: 'auto', start: 1, size: 100 },
    { kind: 'auto', start: 151, size: 100 },
    { kind: 'host' },
  ] as const;
  assert.equal(findAutoStart({ kind: 'auto', size: 50 }, taken, exampleFacts()), 101);
  assert.equal(findAutoStart({ kind: 'auto', size: 51 }, taken, exampleFacts()), 251);
});

test('what auto maps in any case is mapped once, and nobody else takes it', () => {
  const uidMap = [
    { inside: 1000, outside: 0, size: 1 },
    { inside: 5, outside: 3, size: 2 },
  ];
  const gidMap = [{ inside: 2000, outside: 7, size: 1 }];
  const mode = { kind: 'auto', size: 1024, uidMap, gidMap } as const;
  const start = findAutoStart(mode, [{ kind: 'auto', start: 8, size: 92 }], exampleFacts());
  assert.equal(start, 100);
  const { init } = compileIdMaps({ ...mode, start }, exampleFacts());
  assert.deepEqual(init, {
    uidMap: [
      { inside: 0, outside: 100, size: 5 },
      { inside: 5, outside: 3, size: 2 },
      { inside: 7, outside: 105, size: 993 },
      { inside: 1000, outside: 0, size: 1 },
      { inside: 1001, outside: 1098, size: 23 },
    ],
    gidMap: [
      { inside: 0, outside: 100, size: 1024 },
      { inside: 2000, outside: 7, size: 1 },
    ],
  });
  assert.equal(findAutoStart({ kind: 'auto', size: 2 }, [{ ...mode, start }], exampleFacts()), 1);
  assert.equal(findAutoStart({ kind: 'auto', size: 3 }, [{ ...mode, start }], exampleFacts()), 8);
});

test('auto says when the subordinate ids are used up', () => {
  const facts = exampleFacts({ subuids: [{ start: 100000, count: 300 }], subgids: [{ start: 100000, count: 300 }] });
  assert.throws(
    () => findAutoStart({ kind: 'auto', size: 250 }, [{ kind: 'auto', start: 1, size: 100 }], facts),
    /finds no 250 subordinate ids/,
  );
});

test('the cure for missing subordinate ids is one that helps there', () => {
  const user = { uid: 1000, userName: 'alice' };
  assert.equal(
    remedyForSubids(user),
    'An administrator runs: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 alice',
  );
  assert.equal(
    remedyForSubids({ ...user, freeSubid: 231_072 }),
    'An administrator runs: usermod --add-subuids 231072-296607 --add-subgids 231072-296607 alice',
  );
  assert.equal(
    remedyForSubids({ ...user, idsHere: 65_537 }),
    'An administrator runs: usermod --add-subuids 32768-65536 --add-subgids 32768-65536 alice',
  );
  assert.match(remedyForSubids({ ...user, idsHere: 1 }), /^This user namespace has 1 of them, and nothing in it/);
});

test('maps are shown in ids of the full map, as Podman does', () => {
  const facts = exampleFacts({ uid: 1601, gid: 0 });
  assert.equal(showIdMaps({ kind: 'host' }, facts), undefined);
  assert.deepEqual(showIdMaps({ kind: 'keep-id' }, facts), {
    uidMap: [
      { inside: 0, outside: 1, size: 1601 },
      { inside: 1601, outside: 0, size: 1 },
      { inside: 1602, outside: 1602, size: 63_935 },
    ],
    gidMap: [
      { inside: 0, outside: 0, size: 1 },
      { inside: 1, outside: 1, size: 65_536 },
    ],
  });
  const nomap = [{ inside: 0, outside: 1, size: 65_536 }];
  assert.deepEqual(showIdMaps({ kind: 'nomap' }, facts), { uidMap: nomap, gidMap: nomap });
});

test('a map without user 0 is refused: nobody could set the container up', () => {
  const map = [{ inside: 5, outside: 0, size: 1 }];
  assert.throws(
    () => compileIdMaps({ kind: 'mapped', uidMap: map, gidMap: map }, exampleFacts({})),
    /--uidmap maps nobody to user 0 of the container, who has to set it up/,
  );
});
