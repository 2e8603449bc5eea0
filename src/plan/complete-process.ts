/** The process of a container: what the user asks for, else what the image says, else our defaults. */
import { UsageError } from '../errors.ts';
import type { ProcessConfig, UsernsMode } from '../model/container-config.ts';
import type { ResolvedRequest } from '../model/container-request.ts';
import { expandVariables } from '../model/environment.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { CompletionInput, ImageDefaults } from './complete.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const DEFAULT_UMASK = 0o022;

/** @throws {UsageError} when neither the request nor the image has a command */
export function completeProcess(
  { request, facts }: Pick<CompletionInput, 'request' | 'facts'>,
  image: ImageDefaults,
  hostname: string,
): ProcessConfig {
  const entrypoint = request.entrypoint ?? image.Entrypoint ?? [];
  // The image's command belongs to the image's entrypoint: a new one starts without it.
  const command = request.command.length > 0 || request.entrypoint !== undefined ? request.command : (image.Cmd ?? []);
  if (entrypoint.length === 0 && command.length === 0) {
    throw new UsageError(`no command or entrypoint provided, and the image "${request.image}" has none`, {
      remedy: `Give a command: tspod run ${request.image} sh`,
    });
  }
  return {
    entrypoint,
    command,
    env: completeEnv(request, image, hostname),
    workdir: request.workdir ?? (image.WorkingDir || '/'),
    makeWorkdir: request.workdir === undefined || request.workdir === image.WorkingDir,
    user: request.user ?? keptUser(request.userns, facts) ?? image.User ?? '',
    groups: request.groups,
    tty: request.tty,
    stdin: request.stdin,
    umask: request.umask ?? DEFAULT_UMASK,
    ulimits: request.ulimits,
    ...(request.oomScoreAdj === undefined ? {} : { oomScoreAdj: request.oomScoreAdj }),
    ...(request.personality === undefined ? {} : { personality: request.personality }),
    init: request.init,
    ...(request.initPath === undefined ? {} : { initPath: request.initPath }),
    preserveFds: request.preserveFds,
  };
}

/** keep-id starts the process as the user itself, whatever the image says. */
function keptUser(userns: UsernsMode | undefined, { uid, gid }: HostFacts): string | undefined {
  return userns?.kind === 'keep-id' ? `${userns.uid ?? uid}:${userns.gid ?? gid}` : undefined;
}

/** Ours, then the image's, then the user's: later ones win, a name keeps its first place. HOME is init's, who knows the user. */
function completeEnv(request: ResolvedRequest, image: ImageDefaults, hostname: string): string[] {
  const env = new Map<string, string>();
  const add = (entries: readonly string[]) => {
    for (const entry of entries) env.set(entry.split('=', 1)[0] ?? entry, entry);
  };
  add([`PATH=${DEFAULT_PATH}`, 'TERM=xterm', 'container=podman']);
  add(image.Env ?? []);
  add([`HOSTNAME=${hostname}`]);
  const ofImage = new Map([...env].map(([name, entry]) => [name, entry.slice(name.length + 1)]));
  for (const entry of request.envMerge) {
    const name = entry.split('=', 1)[0] ?? entry;
    if (env.has(name)) env.set(name, `${name}=${expandVariables(entry.slice(name.length + 1), ofImage)}`);
  }
  if (request.unsetEnvAll) env.clear();
  for (const name of request.unsetEnv) env.delete(name);
  add(request.env);
  return [...env.values()];
}
