/** Flags of the commands that speak to registries, as Podman's. */
import * as Flags from '@oclif/core/flags';
import { UsageError } from '../errors.ts';
import { parseDuration } from '../model/duration.ts';
import { hostPlatform, parsePlatform, type Platform } from '../model/platform.ts';
import { integer, parsed } from './flag.ts';

export const connectionFlags = {
  authfile: Flags.string({
    description: 'file with the credentials, instead of $XDG_RUNTIME_DIR/containers/auth.json and its kin',
    helpValue: 'PATH',
  }),
  'cert-dir': Flags.string({
    description: 'directory with certificates (*.crt, *.cert, *.key), instead of certs.d',
    helpValue: 'PATH',
  }),
  'tls-verify': Flags.boolean({
    description: 'insist on HTTPS and a known certificate; "false" does without both',
    default: true,
  }),
};

export const retryFlags = {
  retry: integer(0)({
    description: 'how often a request that failed is made again; 4 unless told',
    helpValue: 'COUNT',
  }),
  'retry-delay': parsed(parseDuration)({
    description: 'time before it is made again, instead of growing pauses: 2s',
    helpValue: 'DURATION',
  }),
};

export const registryFlags = {
  ...connectionFlags,
  ...retryFlags,
  creds: Flags.string({ description: 'user and password for the registry', helpValue: 'USER:PASSWORD' }),
};

export const platformFlags = {
  platform: Flags.string({ description: 'pull the image for this platform', helpValue: 'OS/ARCH[/VARIANT]' }),
  os: Flags.string({ description: 'pull the image for this operating system', helpValue: 'OS' }),
  arch: Flags.string({ description: 'pull the image for this architecture', helpValue: 'ARCH' }),
  variant: Flags.string({ description: 'pull the image for this variant of the architecture', helpValue: 'VARIANT' }),
};

interface PlatformChoice {
  readonly platform?: string | undefined;
  readonly os?: string | undefined;
  readonly arch?: string | undefined;
  readonly variant?: string | undefined;
}

/**
 * The platform that the flags name; undefined when they name none.
 *
 * @param hostArch the machine's own architecture, for what is left out
 */
export function chosenPlatform(flags: PlatformChoice, hostArch: string): Platform | undefined {
  const { platform, os, arch, variant } = flags;
  if (platform === undefined && os === undefined && arch === undefined && variant === undefined) return undefined;
  if (platform !== undefined && (os !== undefined || arch !== undefined)) {
    throw new UsageError('--platform option can not be specified with --arch or --os');
  }
  const base = platform ?? `${os ?? 'linux'}/${arch ?? hostPlatform(hostArch).architecture}`;
  return parsePlatform(variant === undefined ? base : `${base}/${variant}`);
}
