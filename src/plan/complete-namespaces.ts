/** The containers that a request names, by the ids that the config keeps. */
import type { ContainerId, NamespaceMode } from '../model/container-config.ts';
import type { NamespaceRequest } from '../model/container-request.ts';
import type { CompletionInput } from './complete.ts';

/** A namespace of its own, unless another is asked for. */
export function resolveNamespace(
  request: NamespaceRequest | undefined,
  containers: CompletionInput['containers'],
): NamespaceMode {
  if (request === undefined) return { kind: 'private' };
  return request.kind === 'container' ? { kind: 'container', id: lookUpContainer(request.name, containers) } : request;
}

/** The container that a namespace or a requirement names. */
export function lookUpContainer(text: string, containers: CompletionInput['containers']): ContainerId {
  const id = containers[text];
  if (id === undefined) throw new Error(`the container "${text}" was not looked up`);
  return id;
}
