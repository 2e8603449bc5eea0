import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { compileFilters } from '../src/cli/filter.ts';
import { integer, list, parsed } from '../src/cli/flag.ts';
import { formatRows } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { completeCredentials, registryFlags, registryOptions } from '../src/cli/registry-flags.ts';
import { reportError } from '../src/cli/report.ts';
import { parseSearchFilter, searchMatchers, searchView, tagsJson } from '../src/cli/views/search-view.ts';
import { searchImages, searchTags } from '../src/engine/images/search.ts';
import { UsageError } from '../src/errors.ts';

export default class Search extends BaseCommand {
  static override description = 'look for images on registries';
  static override usage = 'search [OPTIONS] TERM';
  static override aliases = ['image:search'];
  static override examples = [
    'tspod search --filter is-official --limit 3 alpine',
    'tspod search localhost:5000/',
    'tspod search --list-tags quay.io/podman/hello',
  ];
  static override args = {
    term: Args.string({ required: true, description: '[REGISTRY/]WORD: what is to be in the name' }),
  };
  static override flags = {
    ...registryFlags,
    compatible: Flags.boolean({ description: 'columns for stars, official and automated images, as Docker has them' }),
    filter: parsed(parseSearchFilter)({
      char: 'f',
      description: 'only images with this property',
      helpValue: 'KEY=VALUE',
      ...list,
    }),
    format: Flags.string({ description: 'print as "json", as "table ..", or by a Go template', helpValue: 'FORMAT' }),
    limit: integer(0)({ description: 'most results of each registry; 25 unless told', helpValue: 'COUNT' }),
    'list-tags': Flags.boolean({ description: 'the tags of the image that TERM names' }),
    'no-trunc': Flags.boolean({ description: 'descriptions in full' }),
  };

  async run(): Promise<void> {
    const { flags, given, argv } = await this.parse(Search);
    const [term = ''] = argv;
    const tags = flags['list-tags'];
    if (tags && flags.filter !== undefined) {
      throw new UsageError('filters are not applicable to list tags result', {
        remedy: 'Leave out --filter, or --list-tags.',
      });
    }
    const isWanted = compileFilters(flags.filter ?? [], searchMatchers);
    const view = searchView({ full: flags['no-trunc'], compatible: flags.compatible, tags });
    await formatRows([], view, { format: flags.format }); // A format that is wrong is refused before anybody is asked.
    const creds = await completeCredentials(flags.creds);
    const options = { ...registryOptions({ ...flags, creds }, given), limit: flags.limit };
    const { images, errors } = await (tags ? searchTags : searchImages)(term, options);
    const rows = images.filter(isWanted);
    if (flags.format === 'json') {
      writeOut(`${JSON.stringify(tags ? tagsJson(rows) : rows.map(view.json), null, 4)}\n`);
    } else if (rows.length > 0) {
      writeOut(await formatRows(rows, view, { format: flags.format }));
    }
    for (const error of errors) {
      const status = reportError(error, process.env);
      if (rows.length === 0) process.exitCode = status; // As Podman: what was found is what was looked for.
    }
  }
}
