import { BaseCommand } from '../src/cli/base-command.ts';
import { explainFailure } from '../src/engine/exec.ts';

/** The native exec client becomes this when an op fails: the sentence is known here. */
export default class Explain extends BaseCommand {
  static override description = 'say why an op failed';
  static override hidden = true;
  static override strict = false;

  run(): Promise<void> {
    throw explainFailure(this.words);
  }
}
