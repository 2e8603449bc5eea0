import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import {
  eventFields,
  eventJson,
  eventMatchers,
  eventText,
  type EventTextOptions,
} from '../src/cli/views/event-view.ts';
import { compileFilters, parseFilter } from '../src/cli/filter.ts';
import { parsed } from '../src/cli/flag.ts';
import { compileLine, fieldValues, isJsonFormat, shapeOf } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { parseTimestamp } from '../src/cli/timestamp.ts';
import { readEvents, type Event } from '../src/engine/events.ts';

export default class Events extends BaseCommand {
  static override description = 'show what happens to containers, images and volumes';
  static override aliases = ['system:events'];
  static override usage = 'events [OPTIONS]';
  static override examples = [
    'tspod events --filter type=container --filter event=died',
    "tspod events --since 1h --stream=false --format '{{.Time}} {{.Name}} {{.Status}}'",
  ];
  static override flags = {
    filter: parsed(parseFilter)({
      char: 'f',
      multiple: true,
      description: 'only events with this property',
      helpValue: 'KEY=VALUE',
    }),
    format: Flags.string({
      description: 'print as "json", one line an event, or by a Go template',
      helpValue: 'FORMAT',
    }),
    'no-trunc': Flags.boolean({ description: 'ids in full', default: true }),
    since: Flags.string({ description: 'begin with this moment, or so long ago: 10m', helpValue: 'TIME' }),
    stream: Flags.boolean({ description: 'wait for what happens next', default: true }),
    until: Flags.string({ description: 'end with this moment, or in so long: 10m', helpValue: 'TIME' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Events);
    const passes = compileFilters(flags.filter ?? [], eventMatchers);
    const nowMs = Date.now();
    const format = await lineFormat(flags.format, { full: flags['no-trunc'] });
    const moments = {
      sinceMs: flags.since === undefined ? undefined : parseTimestamp(flags.since, nowMs),
      untilMs: flags.until === undefined ? undefined : parseTimestamp(flags.until, nowMs, 'ahead'),
    };
    for await (const event of readEvents({ ...moments, follow: flags.stream })) {
      if (passes(event)) writeOut(format(event));
    }
  }
}

async function lineFormat(format: string | undefined, options: EventTextOptions): Promise<(event: Event) => string> {
  if (format === undefined || format === '') return (event) => `${eventText(event, options)}\n`;
  if (isJsonFormat(format)) return (event) => `${eventJson(event)}\n`;
  const evaluate = await compileLine(format, shapeOf(eventFields));
  return (event) => evaluate(fieldValues(event, eventFields));
}
