/** What became of the tests of one run, and how runs are added up. */
import { writeFileSync } from 'node:fs';

export interface Skip {
  readonly name: string;
  readonly reason: string;
}

export interface Failure {
  readonly name: string;
  /** What the test said, of any number of lines; empty where its output has already said it. */
  readonly report: string;
}

export interface Outcomes {
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skips: readonly Skip[];
}

export const noOutcomes: Outcomes = { passed: 0, failures: [], skips: [] };

export function addOutcomes(a: Outcomes, b: Outcomes): Outcomes {
  return {
    passed: a.passed + b.passed,
    failures: [...a.failures, ...b.failures],
    skips: [...a.skips, ...b.skips],
  };
}

/** What failed, once more, behind the output of thousands of tests: for each a line `failed: NAME` and its report. */
export function failureSummary({ failures }: Outcomes): string {
  return failures
    .map(({ name, report }) => `failed: ${name}\n${report && `${report.replaceAll(/^/gm, '    ')}\n`}\n`)
    .join('');
}

/** The line that a person, and .ci/run, reads at the end. */
export function closingLine({ passed, failures, skips }: Outcomes): string {
  return `${String(passed)} passed, ${String(failures.length)} failed, ${String(skips.length)} skipped`;
}

/** Whether another test/run.ts started this one and reports for it. */
export function isPartOfARun(): boolean {
  return process.env['TSPOD_TEST_OUTCOMES'] !== undefined;
}

/** Hand the outcomes to the process that started this one as a part of its own run. */
export function reportOutcomes(outcomes: Outcomes): void {
  const path = process.env['TSPOD_TEST_OUTCOMES'];
  if (path) writeFileSync(path, JSON.stringify(outcomes));
}
