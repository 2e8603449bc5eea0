/** What every process gets that the user starts in a container, also with `exec`, and how one leaves it. */
import * as Flags from '@oclif/core/flags';
import { parseDetachKeys } from '../../model/detach-keys.ts';
import { parseUser } from '../../model/user.ts';
import { parseWorkdir } from '../../model/workdir.ts';
import { each, integer, parsed } from '../flag.ts';

export const detachKeysFlag = {
  'detach-keys': parsed(parseDetachKeys)({
    description: 'keys that detach, with commas between them; empty: none do',
    helpValue: 'KEYS',
  }),
};

export const sessionFlags = {
  ...detachKeysFlag,
  env: Flags.string({
    char: 'e',
    description: 'set an environment variable; without a value, the one it has here',
    helpValue: 'NAME=VALUE',
    ...each,
  }),
  'env-file': Flags.string({
    description: 'read environment variables from a file, one a line',
    helpValue: 'FILE',
    ...each,
  }),
  interactive: Flags.boolean({ char: 'i', description: 'keep standard input open' }),
  'preserve-fds': integer(
    0,
    1024,
  )({ description: 'pass this many file descriptors, from 3 on, to the process', helpValue: 'COUNT' }),
  tty: Flags.boolean({ char: 't', description: 'allocate a terminal for the process' }),
  user: parsed(parseUser)({
    char: 'u',
    description: 'user, and group, that the process runs as',
    helpValue: 'USER[:GROUP]',
  }),
  workdir: parsed(parseWorkdir)({
    char: 'w',
    description: 'directory that the process starts in; begins with a slash',
    helpValue: 'DIR',
  }),
};
