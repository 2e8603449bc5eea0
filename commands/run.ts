import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { containerFlags } from '../src/cli/container-flags.ts';
import { explainUnpublished, toContainerRequest } from '../src/cli/container-request.ts';
import { nameChooser } from '../src/cli/name-chooser.ts';
import { writeError } from '../src/cli/output.ts';
import { completeCredentials } from '../src/cli/registry-flags.ts';
import { imageArgs } from '../src/cli/selection-flags.ts';
import { reportError } from '../src/cli/report.ts';
import { warnOfMissingTerminal } from '../src/cli/terminal-input.ts';
import { attachAsChild, attachContainer } from '../src/engine/attach.ts';
import { takeNotices } from '../src/engine/notices.ts';
import { runContainer } from '../src/engine/run.ts';
import { UsageError } from '../src/errors.ts';
import { isPassthrough } from '../src/model/log.ts';

export default class Run extends BaseCommand {
  static override description = 'create a container from an image and start it';
  static override aliases = ['container:run'];
  static override usage = 'run [OPTIONS] IMAGE [COMMAND [ARG...]]';
  static override examples = [
    'tspod run --rm -it docker.io/library/alpine sh',
    'tspod run -d --name web -p 8080:80 -v ./site:/srv:ro docker.io/library/nginx',
    'tspod run --rm -m 512m --cpus 1.5 docker.io/library/alpine sh -c "cat /sys/fs/cgroup/memory.max"',
  ];
  static override strict = false; // Everything after IMAGE is the container's command line.
  static override interspersed = false;
  static override args = imageArgs;
  static override flags = {
    ...containerFlags,
    detach: Flags.boolean({ char: 'd', description: "print the container's id and return" }),
    rmi: Flags.boolean({ description: 'remove the image, too, after the exit, unless something else uses it' }),
    'sig-proxy': Flags.boolean({ description: 'pass signals on to the process', default: true }),
  };

  async run(): Promise<void> {
    const { flags, given, argv } = await this.parse(Run);
    if (flags.detach && flags.attach !== undefined) {
      throw new UsageError('--attach and --detach exclude each other', { remedy: 'Leave out one of them.' });
    }
    if (flags.rmi && given.has('rm') && !flags.rm) {
      throw new UsageError('the --rmi option does not work without --rm', { remedy: 'Leave out --rm=false.' });
    }
    if (/^passthrough/.test(flags['log-driver']) && flags.attach !== undefined) {
      throw new UsageError(`cannot specify --attach with --log-driver=${flags['log-driver']}: the streams are yours`, {
        remedy: 'Leave out one of them.',
      });
    }
    warnOfMissingTerminal(flags);
    const creds = await completeCredentials(flags.creds);
    const request = toContainerRequest({ ...flags, creds, rm: flags.rm || flags.rmi }, argv, {
      given,
      environment: process.env,
      createCommand: this.commandLine(),
    });
    const config = await runContainer(request, {
      attach: flags.detach ? 'none' : 'expected',
      openProgress: async () => (await import('../src/cli/transfer-progress.ts')).openTransferProgress(flags),
      chooseName: nameChooser(),
    });
    writeError(explainUnpublished(request, config));
    for (const notice of await takeNotices()) writeError(`Warning: ${notice}\n`);
    if (flags.detach) {
      this.log(config.id);
      if (flags.rmi)
        (await import('../src/engine/images/used-up-image.ts')).removeImageAfterwards(config, request.image);
    } else {
      const all = ['stdout', 'stderr', ...(flags.interactive ? ['stdin'] : [])];
      const streams = isPassthrough(config.log.driver) ? [] : (flags.attach ?? all);
      const options = {
        stdin: streams.includes('stdin'),
        stdout: streams.includes('stdout'),
        stderr: streams.includes('stderr'),
        sigProxy: flags['sig-proxy'] && !flags.tty,
      };
      if (flags.attach !== undefined && !options.stdout && !options.stderr) this.log(config.id);
      if (!flags.rmi) attachContainer(config, options);
      process.exitCode = await attachAsChild(config, options);
      const { removeUsedUpImage } = await import('../src/engine/images/used-up-image.ts');
      const error = await removeUsedUpImage(config, request.image);
      if (error !== undefined) reportError(error, process.env);
    }
  }
}
