/**
 * `npm test -- [unit|native|integration] [FILTER...]`: run the tests and end with one line, `N passed, N failed, N skipped`.
 *
 * A test that skips must do so for a reason that test/skips.json allows on this kind of host.
 */
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { compileTestHelpers, runNativeTests } from './support/native-tests.ts';
import {
  addOutcomes,
  closingLine,
  noOutcomes,
  reportOutcomes,
  isPartOfARun,
  type Outcomes,
} from './support/outcomes.ts';
import { runTestsAsTestUser } from './support/test-user.ts';
import { findForbiddenSkips } from './support/skips.ts';

const KINDS = ['unit', 'native', 'integration'] as const;
const PROJECT = join(import.meta.dirname, '..');
const TEST_TIMEOUT_MS = 900_000; // The test bed may be emulated: a limit for what hangs, not for what is slow.

const args = process.argv.slice(2);
const asked = KINDS.filter((kind) => args.includes(kind));
/** Parts of the names of files, or of tests where no file is so named; none: all. */
const filters = args.filter((argument) => !KINDS.some((kind) => kind === argument));

let outcomes = noOutcomes;
for (const kind of asked.length > 0 ? asked : KINDS) outcomes = addOutcomes(outcomes, await runKind(kind));

reportOutcomes(outcomes);
const forbidden = findForbiddenSkips(outcomes.skips);
for (const { name, reason } of forbidden) console.error(`not on test/skips.json for this host: "${name}" (${reason})`);
if (!isPartOfARun()) console.log(closingLine({ ...outcomes, failed: outcomes.failed + forbidden.length }));
process.exitCode = outcomes.failed + forbidden.length + (outcomes.passed === 0 ? 1 : 0) > 0 ? 1 : 0;

async function runKind(kind: (typeof KINDS)[number]): Promise<Outcomes> {
  console.log(`\n${kind} tests`);
  if (kind === 'native') return runNativeTests(PROJECT, isChosen);
  if (kind === 'unit') return runFiles('test/unit');
  await compileTestHelpers(PROJECT);
  // Rootless is what is tested: root hands this part to a user who has nothing but subordinate ids.
  if (process.getuid?.() === 0) return runTestsAsTestUser(PROJECT, ['integration', ...filters]);
  return runFiles('test/integration');
}

function isChosen(file: string): boolean {
  return filters.length === 0 || filters.some((filter) => file.includes(filter));
}

async function runFiles(folder: string): Promise<Outcomes> {
  const all = await Array.fromAsync(glob(`${folder}/**/*.test.ts`, { cwd: PROJECT }));
  const named = all.filter(isChosen);
  const files = (named.length > 0 ? named : all).sort().map((file) => join(PROJECT, file));
  const tests = run({
    files,
    concurrency: 2,
    timeout: TEST_TIMEOUT_MS,
    ...(named.length > 0 ? {} : { testNamePatterns: filters }),
  });

  const seen = { passed: 0, failed: 0, skips: [] as Outcomes['skips'][number][] };
  tests.on('test:pass', ({ name, skip, details }) => {
    if (details.type === 'suite') return;
    if (skip === undefined) seen.passed += 1;
    else seen.skips.push({ name, reason: String(skip) });
  });
  tests.on('test:fail', ({ details }) => {
    if (details.type !== 'suite') seen.failed += 1;
  });
  for await (const text of tests.compose(new spec())) process.stdout.write(String(text));
  return seen;
}
