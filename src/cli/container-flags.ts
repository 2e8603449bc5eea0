/** The flags of `run` and `create`: Podman's names and defaults. container-request.ts makes a request of them. */
import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { healthFlags } from './container-flags/health.ts';
import { lifeFlags } from './container-flags/life.ts';
import { networkFlags } from './container-flags/network.ts';
import { processFlags } from './container-flags/process.ts';
import { refusedFlags } from './container-flags/refused.ts';
import { resourceFlags } from './container-flags/resources.ts';
import { securityFlags } from './container-flags/security.ts';
import { storageFlags } from './container-flags/storage.ts';
import { ignored } from './flag.ts';
import { signaturePolicyFlag } from './signature-policy.ts';

const ignoredFlags = {
  'disable-content-trust': Flags.boolean(ignored),
  'seccomp-policy': Flags.string({ ...ignored, options: ['default'] }),
};

export const containerFlags = {
  ...processFlags,
  ...resourceFlags,
  ...storageFlags,
  ...networkFlags,
  ...securityFlags,
  ...lifeFlags,
  ...healthFlags,
  ...ignoredFlags,
  ...signaturePolicyFlag,
  ...refusedFlags,
};

/** The values of `containerFlags` after parsing. */
export type ContainerFlags = Interfaces.InferredFlags<typeof containerFlags>;
