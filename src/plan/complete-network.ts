/** The network of a container: which one it gets when none is asked for, and the ports that its image exposes. */
import { UsageError } from '../errors.ts';
import type { NetworkMode, UsernsMode } from '../model/container-config.ts';
import type { NetworkRequest } from '../model/container-request.ts';
import { parseExposedPort, type PortMapping } from '../model/port-mapping.ts';
import { lookUpContainer } from './complete-namespaces.ts';
import type { CompletionInput, ImageDefaults } from './complete.ts';
import { parseSlirpOptions } from './slirp4netns.ts';

/** Without slirp4netns a container has no network: run says so, and does not stop. */
export function resolveNetwork(
  request: NetworkRequest | undefined,
  { facts, containers }: Pick<CompletionInput, 'facts' | 'containers'>,
): NetworkMode {
  if (request === undefined || request.kind === 'private') {
    return facts.helpers.slirp4netns === undefined ? { kind: 'none' } : { kind: 'slirp4netns', options: {} };
  }
  if (request.kind === 'slirp4netns') parseSlirpOptions(request.options); // Now, not at the first start.
  return request.kind === 'container' ? { kind: 'container', id: lookUpContainer(request.name, containers) } : request;
}

/**
 * A process gets into a network namespace by way of its owner's user namespace, and takes the ids of that.
 *
 * @throws {UsageError} when others are asked for
 */
export function checkJoinedNetwork({ kind }: NetworkMode, userns: UsernsMode | undefined): void {
  if (kind === 'path' && userns !== undefined && userns.kind !== 'host') {
    throw new UsageError(`--network=ns:PATH cannot be joined with --userns=${userns.kind}`, {
      remedy: 'The ids are those of the namespace that owns the network: leave --userns out.',
    });
  }
}

/** A network namespace made for the container, whose sysctls are its own; a nested user namespace does not own it. */
export function isOwnNetwork({ kind }: NetworkMode, userns: UsernsMode | undefined): boolean {
  if (userns !== undefined && ['auto', 'mapped', 'nomap'].includes(userns.kind)) return false;
  return kind === 'slirp4netns' || kind === 'pasta' || kind === 'none' || kind === 'private';
}

/** Whether anything leads ports of the host into a network of this kind: compileNetwork(). */
export function canPublish({ kind }: NetworkMode): boolean {
  return kind === 'slirp4netns' || kind === 'pasta';
}

/** `80/tcp`, `53/udp`, `80`, `8000-8010`; what is no port is left out. The host's port 0 is any that is free. */
export function exposedPorts(image: ImageDefaults): PortMapping[] {
  return Object.keys(image.ExposedPorts ?? {}).flatMap((text) => {
    const ports = tryExposedPort(text);
    if (ports === undefined) return [];
    const { containerPort: first, range } = ports;
    return Array.from({ length: range }, (_, index) => ({ ...ports, containerPort: first + index, range: 1 }));
  });
}

function tryExposedPort(text: string): PortMapping | undefined {
  try {
    return parseExposedPort(text);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
