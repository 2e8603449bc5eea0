/** The secrets of a container: copied when it is made, so that what happens to the secret later is nothing to it. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { ContainerConfig, ContainerId } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { SecretRequest, SecretUse } from '../model/secret.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { giveToIds, type Owned } from './ownership.ts';
import { findSecret } from './secrets.ts';

export interface TakenSecrets {
  readonly uses: readonly SecretUse[];
  /** Keep them with their container. */
  readonly store: (id: ContainerId) => void;
}

/**
 * Look up what `--secret` names.
 *
 * @throws {NotFoundError} when there is no such secret
 * @throws {UsageError} when one cannot be a variable
 */
export function takeSecrets(requests: readonly SecretRequest[]): TakenSecrets {
  const taken = requests.map((request) => {
    const { id, name, content: encoded } = findSecret(request.name);
    const content = Buffer.from(encoded, 'base64');
    if (request.kind === 'env' && (content.includes(0) || !content.equals(Buffer.from(content.toString('utf8'))))) {
      throw new UsageError(`the secret "${name}" is not text, and cannot be the variable "${request.target}"`, {
        remedy: `Give it as a file: --secret ${name}`,
      });
    }
    return { use: { ...request, name, id }, content };
  });
  return {
    uses: taken.map(({ use }) => use),
    store(container) {
      const directory = containerPath(container, 'secrets');
      mkdirSync(directory, { mode: 0o700 });
      taken.forEach(({ content }, index) => {
        writeFileSync(join(directory, String(index)), content, { mode: 0o600, flag: 'wx' });
      });
    },
  };
}

/** Give a clone the secrets of its original. */
export function copySecrets(from: ContainerId, to: ContainerId): void {
  cpSync(containerPath(from, 'secrets'), containerPath(to, 'secrets'), { recursive: true });
}

/**
 * Write the files that are mounted, in the runtime directory: memory, and new at each start.
 *
 * @throws {TspodError} when one is to have an owner that is not mapped into the container
 */
export async function writeSecretFiles(config: ContainerConfig, facts: HostFacts): Promise<void> {
  const directory = containerRuntimePath(config.id, 'secrets');
  if (existsSync(directory)) rmSync(directory, { recursive: true });
  mkdirSync(directory, { mode: 0o700 });
  const owned = (config.secrets ?? []).flatMap((secret, index): Owned[] => {
    if (secret.kind !== 'mount') return [];
    const path = join(directory, String(index));
    writeFileSync(path, readSecret(config.id, index), { mode: 0o600, flag: 'wx' });
    chmodSync(path, secret.mode); // Whatever our umask is.
    return [{ path, uid: secret.uid, gid: secret.gid, isOwn: true }];
  });
  await giveToIds(owned, config, { facts, what: 'a secret', remedy: 'Choose another uid and gid for the secret.' });
}

/** The variables that hold secrets: `NAME=CONTENT`. */
export function readSecretEnv({ id, secrets = [] }: ContainerConfig): string[] {
  return secrets.flatMap((secret, index) =>
    secret.kind === 'env' ? [`${secret.target}=${readSecret(id, index).toString('utf8')}`] : [],
  );
}

function readSecret(id: ContainerId, index: number): Buffer {
  return readFileSync(containerPath(id, 'secrets', String(index)));
}
