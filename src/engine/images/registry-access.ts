/** How the user wants registries to be spoken to. */
import type { RegistryOptions } from '../../registry/connection.ts';
import { parseCredentials } from '../../registry/credentials.ts';
import type { RegistriesConf } from '../../registry/registries-conf.ts';

export interface RegistryAccess {
  readonly tlsVerify?: boolean | undefined;
  readonly authFile?: string | undefined;
  readonly certDir?: string | undefined;
  /** `USER:PASSWORD` */
  readonly credentials?: string | undefined;
  /** How often a request is made again, and after what time: both unless told as registry/http.ts does. */
  readonly retries?: number | undefined;
  readonly retryDelayMs?: number | undefined;
}

/** The same, with what registries.conf says of credentials. */
export function registryOptions(conf: RegistriesConf, access: RegistryAccess): RegistryOptions {
  const { tlsVerify, authFile, certDir, retries, retryDelayMs, credentials } = access;
  return {
    tlsVerify,
    authFile,
    certDir,
    retries,
    retryDelayMs,
    credentials: credentials === undefined ? undefined : parseCredentials(credentials),
    credentialHelpers: conf.credentialHelpers,
  };
}
