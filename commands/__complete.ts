import { readFileSync } from 'node:fs';
import { BaseCommand } from '../src/cli/base-command.ts';
import { complete } from '../src/cli/completion/candidates.ts';
import type { Manifest } from '../src/cli/completion/manifest.ts';
import { writeOut } from '../src/cli/output.ts';
import { findNames, manifestPath } from '../src/engine/completion.ts';

/** Asked by the shells at each press of the tab key; what goes wrong is no business of theirs. */
export default class Complete extends BaseCommand {
  static override description = 'list what may come next on a command line';
  static override hidden = true;
  static override strict = false;

  async run(): Promise<void> {
    try {
      const manifest = JSON.parse(readFileSync(manifestPath(), 'utf8')) as Manifest;
      const { candidates, files } = await complete(manifest, this.words, findNames());
      const lines = candidates.map(({ value, about }) => (about === undefined ? value : `${value}\t${about}`));
      writeOut([...lines, files ? ':files' : ':nofiles', ''].join('\n'));
    } catch {
      writeOut(':nofiles\n');
    }
  }
}
