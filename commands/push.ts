import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { ignored, integer, parsed, refused } from '../src/cli/flag.ts';
import { completeCredentials, registryFlags, registryOptions } from '../src/cli/registry-flags.ts';
import { signaturePolicyFlag } from '../src/cli/signature-policy.ts';
import { openTransferProgress } from '../src/cli/transfer-progress.ts';
import { writeUserFile } from '../src/cli/user-file.ts';
import { pushToArchive } from '../src/engine/images/push-archive.ts';
import { pushImage } from '../src/engine/images/push.ts';
import { UsageError } from '../src/errors.ts';
import { parseArchiveSource } from '../src/model/image-source.ts';

const FORMATS = { oci: 'oci', v2s2: 'docker', docker: 'docker' } as const;
const COMPRESSIONS = { gzip: 'gzip', zstd: 'zstd', 'zstd:chunked': 'zstd' } as const;

const NO_SIGNATURES = 'tspod makes no signatures';
const WITH_SKOPEO = 'tspod push IMAGE oci:DIR && skopeo copy --sign-by KEY oci:DIR docker://NAME';

export default class Push extends BaseCommand {
  static override description = 'copy an image to a registry or an archive';
  static override usage = 'push [OPTIONS] IMAGE [DESTINATION]';
  static override aliases = ['image:push'];
  static override examples = [
    'tspod push quay.io/alice/app:1',
    'tspod push --tls-verify=false app localhost:5000/app:1',
    'tspod push app oci-archive:app.tar:1',
  ];
  static override args = {
    image: Args.string({ required: true, description: 'name or id of the image' }),
    destination: Args.string({ description: '[REGISTRY/]PATH[:TAG], or TRANSPORT:PATH[:REFERENCE]' }),
  };
  static override flags = {
    ...registryFlags,
    compress: Flags.boolean({ description: 'compress layers that are not; with dir: alone' }),
    'compression-format': parsed((word) => COMPRESSIONS[word as keyof typeof COMPRESSIONS])({
      description: 'compress every layer so; unless told, layers that are not compressed with gzip',
      options: Object.keys(COMPRESSIONS),
      helpValue: 'FORMAT',
    }),
    'compression-level': integer(
      1,
      22,
    )({
      description: 'how much: 1 to 9 for gzip, 1 to 22 for zstd',
      helpValue: 'LEVEL',
    }),
    digestfile: Flags.string({ description: 'write the digest of the pushed image to a file', helpValue: 'FILE' }),
    'disable-content-trust': Flags.boolean(ignored),
    format: parsed(parseFormat)({
      char: 'f',
      description: "form of the manifest; the image's own unless told",
      options: Object.keys(FORMATS),
      helpValue: 'FORMAT',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
    'remove-signatures': Flags.boolean({ description: 'leave signatures behind; none are kept here', hidden: true }),
    'sign-by': refused(NO_SIGNATURES, WITH_SKOPEO),
    'sign-by-sigstore-private-key': refused(NO_SIGNATURES, WITH_SKOPEO),
    'sign-passphrase-file': refused(NO_SIGNATURES, WITH_SKOPEO),
    ...signaturePolicyFlag,
  };

  async run(): Promise<void> {
    const { flags, given, argv } = await this.parse(Push);
    const [name = '', destination] = argv;
    const archive = destination === undefined ? undefined : parseArchiveSource(destination);
    checkFlags(flags, archive?.transport);
    const creds = await completeCredentials(flags.creds);
    const progress = openTransferProgress(flags);
    const how = {
      format: flags.format,
      compression: flags['compression-format'],
      level: flags['compression-level'],
      tell: progress.report,
    };
    try {
      if (archive !== undefined) {
        await pushToArchive(name, archive, { ...how, compress: flags.compress });
        return;
      }
      const digest = await pushImage(name, destination, {
        ...registryOptions({ ...flags, creds }, given),
        ...how,
      });
      if (flags.digestfile !== undefined) writeUserFile(flags.digestfile, digest, 'the digest');
    } finally {
      await progress.close();
    }
  }
}

/** @throws {UsageError} for Podman's third format */
function parseFormat(text: string): 'oci' | 'docker' {
  if (text === 'v2s1') {
    throw new UsageError('"v2s1" is schema 1, which is not written: registries no longer take it', {
      remedy: "Choose OCI's manifest or Docker's newer one: --format oci, or --format v2s2",
    });
  }
  return FORMATS[text as keyof typeof FORMATS];
}

/** @param transport of an archive; undefined is a registry */
function checkFlags(
  flags: {
    readonly compress: boolean;
    readonly 'compression-format'?: 'gzip' | 'zstd' | undefined;
    readonly 'compression-level'?: number | undefined;
    readonly digestfile?: string | undefined;
  },
  transport: string | undefined,
): void {
  if (flags.compress && transport !== 'dir') {
    throw new UsageError("--compress can be set only when pushing to a directory using the 'dir' transport", {
      remedy: 'tspod push --compress IMAGE dir:PATH',
    });
  }
  const level = flags['compression-level'];
  if (level !== undefined && level > 9 && flags['compression-format'] !== 'zstd') {
    throw new UsageError(`--compression-level ${String(level)} is more than the 9 of gzip`, {
      remedy: `Choose zstd, or less: --compression-format zstd --compression-level ${String(level)}`,
    });
  }
  if (flags.digestfile !== undefined && transport !== undefined) {
    throw new UsageError(`--digestfile is for registries, not for ${transport}:`, { remedy: 'Leave it out.' });
  }
}
