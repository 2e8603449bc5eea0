/** What no process can be given: execve(2) and the kernel's paths end at a NUL, which JSON can hold. */
import { UsageError } from '../errors.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { ImageDefaults } from './complete.ts';

/** @throws {UsageError} when something of a container holds a NUL, of which the image says it or the user */
export function refuseNul(
  { process, mounts, health }: Pick<ContainerConfig, 'process' | 'mounts' | 'health'>,
  image: ImageDefaults,
  name: string,
): void {
  const fields: readonly (readonly [
    field: string,
    values: readonly string[],
    ofImage: readonly string[],
    cure: string,
  ])[] = [
    ['Entrypoint', process.entrypoint, image.Entrypoint ?? [], `--entrypoint PROGRAM ${name}`],
    ['Cmd', process.command, image.Cmd ?? [], `${name} COMMAND`],
    ['Env', process.env, image.Env ?? [], `--unsetenv NAME ${name}`],
    ['WorkingDir', [process.workdir], [image.WorkingDir ?? ''], `--workdir / ${name}`],
    ['User', [process.user], [image.User ?? ''], `--user 0 ${name}`],
    ['Volumes', mounts.map(({ target }) => target), Object.keys(image.Volumes ?? {}), `--image-volume ignore ${name}`],
    ['Healthcheck', health?.test ?? [], image.Healthcheck?.Test ?? [], `--no-healthcheck ${name}`],
  ];
  for (const [field, values, ofImage, cure] of fields) {
    const found = values.find((value) => value.includes('\0'));
    if (found === undefined) continue;
    const quoted = JSON.stringify(found);
    if (!ofImage.includes(found)) throw new UsageError(`${quoted} holds a NUL`, { remedy: 'Leave it out.' });
    throw new UsageError(`the image "${name}" has a NUL in its ${field}, ${quoted}, which no container can have`, {
      remedy: `tspod run ${cure}`,
    });
  }
}
