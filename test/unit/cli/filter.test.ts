import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerMatchers } from '../../../src/cli/container-filter.ts';
import {
  applyFilters,
  compileFilters,
  labelMatchers,
  parseFilter,
  withNegations,
  type Matchers,
} from '../../../src/cli/filter.ts';
import { eventMatchers } from '../../../src/cli/views/event-view.ts';
import { imageMatchers } from '../../../src/cli/views/image-view.ts';
import { secretMatchers } from '../../../src/cli/views/secret-view.ts';
import { volumeMatchers } from '../../../src/cli/views/volume-view.ts';
import { UsageError } from '../../../src/errors.ts';

const secret = { id: '0123', name: 'password', created: '', updated: '', labels: {} };
const volume = {
  ...{ name: 'data', created: '2026-01-01T00:00:00Z', anonymous: false, labels: {}, path: '/data', containers: [] },
  ...{ isEmpty: true, isUnclaimed: true, mountCount: 0 },
};

test('a name to filter by is a regular expression', () => {
  assert.deepEqual(applyFilters([secret], [parseFilter('name=^pass')], secretMatchers), [secret]);
  assert.deepEqual(applyFilters([volume], [parseFilter('name=^ata')], volumeMatchers(0)), []);
});

test('a name to filter by that is no regular expression is refused with the value', () => {
  const refusal = (error: unknown) => error instanceof UsageError && error.message.includes('"["');
  assert.throws(() => applyFilters([secret], [parseFilter('name=[')], secretMatchers), refusal);
  assert.throws(() => applyFilters([volume], [parseFilter('name=[')], volumeMatchers(0)), refusal);
});

test('a value that a filter cannot have is refused, also where there is nothing to filter', () => {
  const nobody = () => assert.fail('asked for a container');
  for (const [text, matchers, sentence] of [
    ['status=bogus', containerMatchers(nobody, 0), '"bogus" is not a status of containers'],
    ['health=bogus', containerMatchers(nobody, 0), '"bogus" is not a state of health'],
    ['restart-policy=bogus', containerMatchers(nobody, 0), '"bogus" is not a restart policy'],
    ['should-start-on-boot=bogus', containerMatchers(nobody, 0), '"bogus" is neither true nor false'],
    ['until=bogus', containerMatchers(nobody, 0), '"bogus" is not a time'],
    ['dangling=bogus', imageMatchers(nobody, 0), '"bogus" is neither true nor false'],
    ['containers=bogus', imageMatchers(nobody, 0), '"bogus" is neither true nor false'],
    ['dangling=bogus', volumeMatchers(0), '"bogus" is neither true nor false'],
    ['until=bogus', volumeMatchers(0), '"bogus" is not a time'],
    ['type=bogus', eventMatchers, '"bogus" is not a type of events'],
  ] as const) {
    const refusal = (error: unknown) => error instanceof UsageError && error.message.includes(sentence);
    assert.throws(() => compileFilters([parseFilter(text)], matchers as Matchers<never>), refusal, text);
  }
});

test('a value that a filter cannot have is refused behind one that it can', () => {
  const filters = ['type=image', 'type=bogus'].map(parseFilter);
  assert.throws(() => compileFilters(filters, eventMatchers), /"bogus" is not a type of events/);
});

test('a label without a value to filter by has any, and a star stands for any text', () => {
  const [web, db] = [{ tier: 'web', 'io.x/a': '1' }, { tier: 'db' }];
  const find = (...filters: string[]) =>
    applyFilters<Readonly<Record<string, string>>>(
      [web, db],
      filters.map(parseFilter),
      labelMatchers((item: Readonly<Record<string, string>>) => item),
    );
  assert.deepEqual(find('label=tier='), [web, db]);
  assert.deepEqual(find('label=tier=db'), [db]);
  assert.deepEqual(find('label=io.*'), [web]);
  assert.deepEqual(find('label=i*=web'), [web]);
  assert.deepEqual(find('label=*x/*=2'), []);
  assert.deepEqual(find('label!=io*'), [db]);
  assert.deepEqual(find('label=io'), []);
});

test('negated filters must all hold', () => {
  const matchers = withNegations<string>({ name: (value) => (item) => item === value });
  const find = (...filters: string[]) => applyFilters(['a', 'b', 'c'], filters.map(parseFilter), matchers);
  assert.deepEqual(find('name!=a', 'name!=b'), ['c']);
  assert.deepEqual(find('name=a', 'name=b', 'name!=a'), ['b']);
  assert.throws(
    () => find('id!=a'),
    new UsageError('"id!" is not something to filter by', { remedy: 'There are: name' }),
  );
});
