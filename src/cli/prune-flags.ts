/** Flags and words of the commands that remove what is not used. */
import * as Flags from '@oclif/core/flags';
import { parseFilter } from './filter.ts';
import { parsed } from './flag.ts';
import { confirm } from './prompt.ts';

export const forceFlag = {
  force: Flags.boolean({ char: 'f', description: 'do not ask first' }),
};

export const pruneFlags = {
  ...forceFlag,
  filter: parsed(parseFilter)({
    multiple: true,
    description: 'only what has this label (label=, label!=) or is older (until=)',
    helpValue: 'KEY=VALUE',
  }),
};

/** Say what is going to be removed, and ask whether it shall be. */
export async function isAgreed({ force }: { readonly force: boolean }, warning: string): Promise<boolean> {
  return force || (await confirm(`WARNING! ${warning}\nAre you sure you want to continue?`));
}
