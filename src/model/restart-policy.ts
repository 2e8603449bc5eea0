import { UsageError } from '../errors.ts';

export type RestartPolicy =
  | { readonly name: 'no'; /** Nobody has asked for it. */ readonly isImplied?: true }
  | { readonly name: 'always' | 'unless-stopped' }
  | { readonly name: 'on-failure'; readonly maxRetries: number };

/**
 * Whether a container with this policy comes to an end of its own, so that it can be removed then (`--rm`): what has
 * failed may start again, as in Podman, which however takes no number of times beside `--rm`.
 */
export function endsByItself(policy: RestartPolicy): boolean {
  return policy.name === 'no' || policy.name === 'on-failure';
}

/**
 * Parse `--restart`: `no`, `always`, `unless-stopped`, `on-failure[:TIMES]`.
 *
 * @throws {UsageError} when it is none of them
 */
export function parseRestartPolicy(text: string): RestartPolicy {
  if (text === 'no' || text === 'always' || text === 'unless-stopped') return { name: text };
  if (text === '' || text === 'never') return { name: 'no' };
  const failure = /^on-failure(?::(\d{1,9}))?$/.exec(text);
  if (failure) return { name: 'on-failure', maxRetries: Number(failure[1] ?? 0) };
  throw new UsageError(`"${text}" is not a restart policy`, {
    remedy: 'Choose no, always, unless-stopped or on-failure: on-failure:3',
  });
}
