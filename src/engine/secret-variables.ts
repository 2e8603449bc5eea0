/** The variables of a container that are secrets: what reads them is loaded where there are some. */
import type { ContainerConfig } from '../model/container-config.ts';

/** `NAME=VALUE` for each secret that is given as a variable. */
export async function readSecretVariables(config: ContainerConfig): Promise<string[]> {
  if (config.secrets === undefined) return [];
  const { readSecretEnv } = await import('./container-secrets.ts');
  return readSecretEnv(config);
}
