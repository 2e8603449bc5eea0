import { BaseCommand } from '../src/cli/base-command.ts';
import { explainFailure } from '../src/engine/explain.ts';

/** The native clients become this when a step or an op fails: the sentence is known here. */
export default class Explain extends BaseCommand {
  static override description = 'say why an op failed';
  static override hidden = true;
  static override strict = false;

  run(): Promise<void> {
    throw explainFailure(this.words);
  }
}
