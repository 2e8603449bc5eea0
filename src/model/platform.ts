/** The platform an image is for: `linux/arm64/v8` (OCI image-spec, image-index.md). */
import { UsageError } from '../errors.ts';

export interface Platform {
  readonly os: string;
  /** As Go names it: `amd64`, `arm64`, `386`. */
  readonly architecture: string;
  readonly variant?: string;
}

/**
 * Read `--platform`: `linux/arm64`, `linux/arm/v7`, or an architecture alone.
 *
 * @throws {UsageError} when the text has another form
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  if (parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_.-]+$/.test(part))) {
    throw new UsageError(`"${text}" is not a platform`, { remedy: 'Write it as OS/ARCH[/VARIANT]: linux/arm64' });
  }
  const [os, architecture, variant] = parts.length === 1 ? ['linux', ...parts] : parts;
  return platform(os ?? '', architecture ?? '', variant);
}

/** `linux/arm64/v8`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/** @param arch as Node's `process.arch` says it */
export function hostPlatform(arch: string): Platform {
  return platform('linux', arch);
}

/** Which of the candidates suits best, by position; undefined when none runs on what is wanted. */
export function choosePlatform(candidates: readonly (Platform | undefined)[], wanted: Platform): number | undefined {
  const variants = acceptedVariants(wanted);
  const ranks = candidates.map((candidate) => {
    if (candidate === undefined) return -1;
    const { os, architecture, variant = '' } = platform(candidate.os, candidate.architecture, candidate.variant);
    return os === wanted.os && architecture === wanted.architecture ? variants.indexOf(variant) : -1;
  });
  const accepted = ranks.filter((rank) => rank >= 0);
  if (accepted.length > 0) return ranks.indexOf(Math.min(...accepted));
  // An index that names no platforms at all describes one image.
  const only = candidates.length === 1 && candidates[0] === undefined;
  return only ? 0 : undefined;
}

/** Other programs' names of the same architecture: uname(1), Node, Debian. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  ia32: '386',
  i386: '386',
  i686: '386',
  x86: '386',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  armv7l: 'arm',
  ppc64: 'ppc64le',
};

function platform(os: string, arch: string, variant?: string): Platform {
  const lower = arch.toLowerCase();
  const architecture = ARCHITECTURES[lower] ?? lower;
  return { os: os.toLowerCase(), architecture, ...(variant ? { variant } : {}) };
}

/** Variants that run on the wanted one, best first; each architecture counts upwards. */
function acceptedVariants({ architecture, variant }: Platform): string[] {
  const newest: Readonly<Record<string, string>> = { arm64: 'v8', arm: 'v7', amd64: 'v1' };
  const from = variant ?? newest[architecture] ?? '';
  const number = /^v([0-9])$/.exec(from)?.[1];
  if (number === undefined) return [from, ''];
  const downwards = Array.from({ length: Number(number) }, (_, index) => `v${Number(number) - index}`);
  return [from, '', ...downwards.slice(1)];
}
