import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { ignored, PULL_POLICIES, word } from '../src/cli/flag.ts';
import { nameChooser } from '../src/cli/name-chooser.ts';
import { openTransferProgress } from '../src/cli/transfer-progress.ts';
import {
  chosenPlatform,
  completeCredentials,
  platformFlags,
  registryFlags,
  registryOptions,
} from '../src/cli/registry-flags.ts';
import { signaturePolicyFlag } from '../src/cli/signature-policy.ts';
import { pullAllTags, pullImage } from '../src/engine/images/pull.ts';
import { digestHex } from '../src/model/digest.ts';

export default class Pull extends BaseCommand {
  static override description = 'get images from a registry or an archive';
  static override usage = 'pull [OPTIONS] IMAGE [IMAGE...]';
  static override aliases = ['image:pull'];
  static override examples = [
    'tspod pull quay.io/libpod/alpine',
    'tspod pull --tls-verify=false localhost:5000/app:1',
    'tspod pull docker-archive:image.tar',
  ];
  static override args = {
    image: Args.string({
      required: true,
      multiple: true,
      description: '[REGISTRY/]PATH[:TAG][@DIGEST], or TRANSPORT:PATH[:REFERENCE]',
    }),
  };
  static override flags = {
    ...registryFlags,
    ...platformFlags,
    'all-tags': Flags.boolean({ char: 'a', description: 'pull every tag of the repository' }),
    'disable-content-trust': Flags.boolean(ignored),
    policy: word(PULL_POLICIES)({
      description: 'when to ask the registry',
      options: ['always', 'missing', 'newer', 'never'],
      default: 'always',
      helpValue: 'POLICY',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
    ...signaturePolicyFlag,
  };

  async run(): Promise<void> {
    const { flags, given, argv } = await this.parse(Pull);
    const creds = await completeCredentials(flags.creds);
    const progress = openTransferProgress({ quiet: flags.quiet });
    const options = {
      policy: flags.policy as 'always' | 'missing' | 'newer' | 'never',
      platform: chosenPlatform(flags, process.arch),
      ...registryOptions({ ...flags, creds }, given),
      onEvent: progress.report,
      chooseName: nameChooser(),
    };
    for (const name of argv) {
      try {
        const images = flags['all-tags'] ? await pullAllTags(name, options) : [await pullImage(name, options)];
        await progress.close();
        for (const { id } of images) this.log(digestHex(id));
      } finally {
        await progress.close();
      }
    }
  }
}
