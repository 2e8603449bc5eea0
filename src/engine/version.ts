/** What this program is: `version`, and the same in `info`. */
import { statSync } from 'node:fs';
import { programPath } from '../host/paths.ts';
import { hostPlatform } from '../model/platform.ts';
import { PODMAN_VERSION } from '../model/podman-version.ts';

/** Keys as Podman has them; where it names the Go that it was built with we name the Node that we run on. */
export function describeVersion(version: string) {
  const { os, architecture } = hostPlatform(process.arch);
  const built = Math.floor((statSync(programPath('tspod.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1000);
  return {
    APIVersion: PODMAN_VERSION,
    Version: version,
    GoVersion: `node ${process.version}`,
    NodeVersion: process.version,
    GitCommit: '',
    BuiltTime: asctime(built),
    Built: built,
    OsArch: `${os}/${architecture}`,
    Os: os,
  };
}

/** `Thu Jan  1 00:00:00 1970`, in UTC: man 3 asctime. */
function asctime(seconds: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(seconds * 1000)
    .toUTCString()
    .split(/,? /);
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
