/** Flags of the commands that speak to registries, as Podman's. */
import * as Flags from '@oclif/core/flags';
import { UsageError } from '../errors.ts';
import { parseDuration } from '../model/duration.ts';
import { formatPlatform, hostPlatform, parsePlatform, type Platform } from '../model/platform.ts';
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
  creds: Flags.string({
    description: 'user and password for the registry; what is left out is asked for',
    helpValue: 'USER[:PASSWORD]',
  }),
};

/** Of the image that is pulled, or that a container is made from. */
export const platformFlags = {
  platform: parsed(parsePlatform)({ description: 'platform of the image', helpValue: 'OS/ARCH[/VARIANT]' }),
  os: Flags.string({ aliases: ['override-os'], description: 'operating system of the image', helpValue: 'OS' }),
  arch: Flags.string({ aliases: ['override-arch'], description: 'architecture of the image', helpValue: 'ARCH' }),
  variant: Flags.string({
    aliases: ['override-variant'],
    description: 'variant of the architecture of the image',
    helpValue: 'VARIANT',
  }),
};

interface PlatformChoice {
  readonly platform?: Platform | undefined;
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
  if (os === undefined && arch === undefined && variant === undefined) return platform;
  if (platform !== undefined && (os !== undefined || arch !== undefined)) {
    throw new UsageError('--platform option can not be specified with --arch or --os', {
      remedy: 'Give either: --platform linux/arm64',
    });
  }
  const host = hostPlatform(hostArch);
  const base = platform === undefined ? `${os ?? host.os}/${arch ?? host.architecture}` : formatPlatform(platform);
  return parsePlatform(variant === undefined ? base : `${base}/${variant}`);
}

/**
 * The value of `--creds` with both of its parts: what it leaves out is asked for, as Podman does.
 *
 * @throws {UsageError} when there is no terminal to ask on
 */
export async function completeCredentials(creds: string | undefined): Promise<string | undefined> {
  if (creds === undefined || /^[^:]+:./s.test(creds)) return creds;
  const { askLine, askSecret } = await import('./prompt.ts');
  const colon = creds.indexOf(':');
  const username = colon < 0 ? creds : creds.slice(0, colon);
  const password = colon < 0 ? '' : creds.slice(colon + 1);
  const remedy = 'Give both: --creds USER:PASSWORD';
  return `${username || (await askLine('Username: ', remedy))}:${password || (await askSecret('Password: ', remedy))}`;
}

interface RegistryChoice {
  readonly authfile?: string | undefined;
  readonly 'cert-dir'?: string | undefined;
  readonly 'tls-verify': boolean;
  readonly creds?: string | undefined;
  readonly retry?: number | undefined;
  readonly 'retry-delay'?: number | undefined;
}

/**
 * How a registry is spoken to.
 *
 * @param flags with complete credentials
 * @param given the flags that the user gave: registries.conf decides about TLS else
 */
export function registryOptions(flags: RegistryChoice, given: ReadonlySet<string>) {
  return {
    tlsVerify: given.has('tls-verify') ? flags['tls-verify'] : undefined,
    authFile: flags.authfile,
    certDir: flags['cert-dir'],
    credentials: flags.creds,
    retries: flags.retry,
    retryDelayMs: flags['retry-delay'],
  };
}
