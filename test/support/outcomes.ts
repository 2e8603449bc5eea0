/** What became of the tests of one run, and how runs are added up. */
import { writeFileSync } from 'node:fs';

export interface Skip {
  readonly name: string;
  readonly reason: string;
}

export interface Outcomes {
  readonly passed: number;
  readonly failed: number;
  readonly skips: readonly Skip[];
}

export const noOutcomes: Outcomes = { passed: 0, failed: 0, skips: [] };

export function addOutcomes(a: Outcomes, b: Outcomes): Outcomes {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skips: [...a.skips, ...b.skips] };
}

/** The line that a person, and .ci/run, reads at the end. */
export function closingLine({ passed, failed, skips }: Outcomes): string {
  return `${String(passed)} passed, ${String(failed)} failed, ${String(skips.length)} skipped`;
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
