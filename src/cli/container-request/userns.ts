/** The user namespace that the flags, or the user's environment, ask for. */
import { UsageError } from '../../errors.ts';
import type { UsernsRequest } from '../../model/container-request.ts';
import type { Environment } from '../../model/environment.ts';
import { parseUsernsMode } from '../../model/namespace-mode.ts';
import type { ContainerFlags } from '../container-flags.ts';

/** @throws {UsageError} when flags exclude each other, or the environment names no mode */
export function chooseUserns(
  { userns, uidmap, gidmap, subuidname, subgidname }: ContainerFlags,
  { PODMAN_USERNS: usual }: Environment,
): UsernsRequest | undefined {
  const names = [subuidname, subgidname].filter((name) => name !== undefined);
  const ways = [userns !== undefined, uidmap !== undefined || gidmap !== undefined, names.length > 0];
  if (ways.filter((isGiven) => isGiven).length > 1) {
    throw new UsageError('--userns, --uidmap or --gidmap, and --subuidname or --subgidname exclude each other', {
      remedy: 'Give one of them.',
    });
  }
  if (names.length > 0) return { kind: 'subids', names };
  if (uidmap === undefined && gidmap === undefined) {
    return userns ?? (usual === undefined ? undefined : parseUsualUserns(usual));
  }
  // Given one of them, the other is the same: podman-run(1).
  return { kind: 'mapped', uidMap: uidmap ?? gidmap ?? [], gidMap: gidmap ?? uidmap ?? [] };
}

/** podman-run(1): the variable is the default of --userns. */
function parseUsualUserns(text: string): UsernsRequest {
  try {
    return parseUsernsMode(text);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(`the variable PODMAN_USERNS: ${cause.message}`, {
      cause,
      remedy: cause.remedy,
    });
  }
}
