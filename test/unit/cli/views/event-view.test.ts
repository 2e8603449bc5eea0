import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFields, eventJson, eventMatchers, eventText } from '../../../../src/cli/views/event-view.ts';
import { applyFilters, parseFilter } from '../../../../src/cli/filter.ts';
import type { Event } from '../../../../src/model/event.ts';

const died: Event = {
  ContainerExitCode: 3,
  ID: '0123456789abcdef',
  Image: 'localhost/bb:latest',
  Name: 'web',
  Status: 'died',
  Time: '2026-11-20T10:00:00.123456789Z',
  Type: 'container',
  Attributes: { app: 'shop' },
};
const tag: Event = {
  ID: 'fedcba',
  Name: 'localhost/bc:latest',
  Status: 'tag',
  Time: '2026-11-20T10:00:01Z',
  Type: 'image',
  Attributes: null,
};
const volume: Event = {
  Name: 'data',
  Status: 'create',
  Time: '2026-11-20T10:00:02Z',
  Type: 'volume',
  Attributes: null,
};

test('an event is a line as Podman prints it', () => {
  const lines = [died, { ...died, Status: 'health_status', health_status: 'healthy' }, tag, volume].map((event) =>
    eventText(event, { full: false }),
  );
  assert.deepEqual(lines, [
    '2026-11-20 10:00:00.123456789 +0000 UTC container died 0123456789ab (image=localhost/bb:latest, name=web, app=shop)',
    '2026-11-20 10:00:00.123456789 +0000 UTC container health_status 0123456789ab (image=localhost/bb:latest, name=web, health_status=healthy, app=shop)',
    '2026-11-20 10:00:01 +0000 UTC image tag fedcba localhost/bc:latest',
    '2026-11-20 10:00:02 +0000 UTC volume create data',
  ]);
});

test('an event has its time as Podman 4 and as Podman 5 write it', () => {
  assert.match(eventJson(died), /,"time":1795168800,"timeNano":1795168800123456789\}$/);
  assert.equal((JSON.parse(eventJson(died)) as Event).Time, died.Time);
  assert.equal(eventFields.TimeNano?.(tag), 1_795_168_801_000_000_000n);
});

for (const [filters, found] of [
  [['type=container'], [died]],
  [
    ['type=image', 'type=volume'],
    [tag, volume],
  ],
  [['container=web'], [died]],
  [['container=0123'], [died]],
  [['image=localhost/bc:latest'], [tag]],
  [['volume=data', 'event=remove'], []],
  [['event=died', 'status=died', 'label=app'], [died]],
  [['event=die'], [died]],
  [['label=app=store'], []],
] as const) {
  test(`--filter ${filters.join(' ')} finds ${found.length}`, () => {
    assert.deepEqual(applyFilters([died, tag, volume], filters.map(parseFilter), eventMatchers), found);
  });
}
