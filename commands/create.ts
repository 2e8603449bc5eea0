import { BaseCommand } from '../src/cli/base-command.ts';
import { containerFlags } from '../src/cli/container-flags.ts';
import { explainUnpublished, toContainerRequest } from '../src/cli/container-request.ts';
import { nameChooser } from '../src/cli/name-chooser.ts';
import { writeError } from '../src/cli/output.ts';
import { completeCredentials } from '../src/cli/registry-flags.ts';
import { imageArgs } from '../src/cli/selection-flags.ts';
import { createContainer } from '../src/engine/create.ts';

export default class Create extends BaseCommand {
  static override description = 'create a container from an image without starting it';
  static override aliases = ['container:create'];
  static override usage = 'create [OPTIONS] IMAGE [COMMAND [ARG...]]';
  static override examples = ['tspod create --name web -p 8080:80 docker.io/library/nginx'];
  static override strict = false; // Everything after IMAGE is the container's command line.
  static override interspersed = false;
  static override args = imageArgs;
  static override flags = containerFlags;

  async run(): Promise<void> {
    const { flags, given, argv } = await this.parse(Create);
    const creds = await completeCredentials(flags.creds);
    const request = toContainerRequest({ ...flags, creds }, argv, {
      given,
      environment: process.env,
      createCommand: this.commandLine(),
    });
    const config = await createContainer(request, {
      openProgress: async () => (await import('../src/cli/transfer-progress.ts')).openTransferProgress(flags),
      chooseName: nameChooser(),
    });
    writeError(explainUnpublished(request, config));
    this.log(config.id);
  }
}
