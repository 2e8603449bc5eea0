/** The arguments and flags by which commands are told their containers. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseSecondsOrForever } from '../model/duration.ts';
import { parseFilter } from './filter.ts';
import { parsed } from './flag.ts';

export const containerArgs = {
  container: Args.string({ multiple: true, description: 'name, id, or the beginning of an id' }),
};

export const containerArg = {
  container: Args.string({ description: 'name, id, or the beginning of an id' }),
};

export const imageArgs = {
  image: Args.string({ required: true, description: 'name or id of the image; with --rootfs a directory' }),
  command: Args.string({ multiple: true, description: 'command and arguments, instead of those of the image' }),
};

export const latestFlag = {
  latest: Flags.boolean({ char: 'l', description: 'the container that was created last' }),
};

export const selectionFlags = {
  ...latestFlag,
  all: Flags.boolean({ char: 'a', description: 'all containers' }),
};

export const cidfileFlag = {
  cidfile: Flags.string({ multiple: true, description: 'read the id of a container from a file', helpValue: 'FILE' }),
};

const filter = parsed(parseFilter);
const FILTER = { multiple: true, description: 'only containers with this property', helpValue: 'KEY=VALUE' } as const;

export const filterFlag = { filter: filter({ char: 'f', ...FILTER }) };
/** Where `-f` is `--force`. */
export const longFilterFlag = { filter: filter(FILTER) };

export const ignoreFlag = {
  ignore: Flags.boolean({ char: 'i', description: 'no error for a container that does not exist' }),
};

/** Of commands that act on any number of containers. */
export const actionFlags = { ...selectionFlags, ...cidfileFlag, ...filterFlag };

export const stopTimeFlag = {
  time: parsed(parseSecondsOrForever)({
    char: 't',
    aliases: ['timeout'],
    description: 'how long a container may take to end before it is killed, in seconds; -1 is for ever',
    helpValue: 'SECONDS',
  }),
};
