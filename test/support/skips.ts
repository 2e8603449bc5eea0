/** Which skips the project has agreed to: test/skips.json, by kind of host. */
import { existsSync } from 'node:fs';
import allowedSkips from '../skips.json' with { type: 'json' };
import type { Skip } from './outcomes.ts';

type HostKind = 'testbed' | 'systemd' | 'plain';

/** The skips whose reason is not allowed on this host. */
export function findForbiddenSkips(skips: readonly Skip[], kind: HostKind = hostKind()): readonly Skip[] {
  const allowed = Object.keys(allowedSkips[kind]);
  return skips.filter(({ reason }) => !allowed.includes(featureOf(reason)));
}

/** `missing()` begins its reasons with the feature: `needs "fuse": /dev/fuse cannot be opened`. */
function featureOf(reason: string): string {
  return /^needs "([^"]+)"/.exec(reason)?.[1] ?? reason;
}

function hostKind(): HostKind {
  if (process.env['TESTBED'] === '1') return 'testbed';
  return existsSync('/run/systemd/system') ? 'systemd' : 'plain';
}
