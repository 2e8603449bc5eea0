/** What the checks of the container `c` have found. */
import { eventually, type Tspod } from './tspod.ts';

export const healthOf = (tspod: Tspod) => tspod.ok('inspect', '--format', '{{.State.Health.Status}}', 'c');

export const becomes = (tspod: Tspod, status: string) =>
  eventually(async () => (await healthOf(tspod)) === status, `the container is ${status}`);

interface Result {
  readonly ExitCode: number;
  readonly Output: string;
}

export async function resultsOf(tspod: Tspod): Promise<readonly Result[]> {
  return JSON.parse(await tspod.ok('inspect', '--format', '{{json .State.Health.Log}}', 'c')) as readonly Result[];
}
