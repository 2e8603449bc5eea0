/**
 * `npm test -- [unit|native|integration] [FILTER...]`: run the tests and end with one line, `N passed, N failed, N skipped`.
 *
 * A test that skips must do so for a reason that test/skips.json allows on this kind of host.
 */
import { glob } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { inspect } from 'node:util';
import { compileTestHelpers, runNativeTests } from './support/native-tests.ts';
import {
  addOutcomes,
  closingLine,
  failureSummary,
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
const forbidden = findForbiddenSkips(outcomes.skips).map(({ name, reason }) => ({
  name,
  report: `skipped for a reason that test/skips.json does not allow on this host: ${reason}`,
}));
const all = addOutcomes(outcomes, { ...noOutcomes, failures: forbidden });
if (!isPartOfARun()) process.stdout.write(`\n${failureSummary(all)}${closingLine(all)}\n`);
process.exitCode = all.failures.length > 0 || all.passed === 0 ? 1 : 0;

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

  let seen = noOutcomes;
  tests.on('test:pass', ({ name, skip, details }) => {
    if (details.type === 'suite') return;
    const one = skip === undefined ? { passed: 1 } : { skips: [{ name, reason: String(skip) }] };
    seen = addOutcomes(seen, { ...noOutcomes, ...one });
  });
  tests.on('test:fail', ({ name, file, details }) => {
    if (details.type === 'suite') return;
    const report = inspect(details.error.cause);
    const failure = { name: file === undefined ? name : `${name} (${relative(PROJECT, file)})`, report };
    seen = addOutcomes(seen, { ...noOutcomes, failures: [failure] });
  });
  for await (const text of tests.compose(new spec())) process.stdout.write(String(text));
  return seen;
}
