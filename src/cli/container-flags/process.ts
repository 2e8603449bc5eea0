/** The process of a container: environment, user, terminal, limits of its own. */
import * as Flags from '@oclif/core/flags';
import { parseGroupEntry, parseHostUser, parsePasswdEntry } from '../../model/account-entry.ts';
import { parseMergedVariable } from '../../model/environment.ts';
import { parseUmask } from '../../model/numbers.ts';
import { parseUlimit } from '../../model/ulimit.ts';
import { parseTimezone } from '../../model/timezone.ts';
import { each, integer, list, parsed } from '../flag.ts';
import { sessionFlags } from './session.ts';

export const processFlags = {
  ...sessionFlags,
  entrypoint: Flags.string({
    description: "program to start instead of the image's; a JSON list gives arguments too",
    helpValue: 'COMMAND',
  }),
  'env-host': Flags.boolean({ description: 'pass all environment variables that are set here' }),
  'env-merge': parsed(parseMergedVariable)({
    description: "change a variable of the image; ${NAME} in the value is the image's value of NAME",
    helpValue: 'NAME=VALUE',
    ...each,
  }),
  'http-proxy': Flags.boolean({
    description: 'pass the proxy settings that are set here (http_proxy and the like)',
    default: true,
  }),
  unsetenv: Flags.string({ description: 'leave out a variable that the image sets', helpValue: 'NAME', ...each }),
  'unsetenv-all': Flags.boolean({ description: 'leave out all variables that the image or tspod sets' }),
  'group-add': Flags.string({
    description: 'additional group of the process; "keep-groups" keeps those you have',
    helpValue: 'GROUP',
    ...list,
  }),
  init: Flags.boolean({ description: 'run a small init as process 1, which forwards signals and reaps zombies' }),
  'init-path': Flags.string({
    description: "program of the host to be that init, instead of tspod's",
    helpValue: 'FILE',
  }),
  'oom-score-adj': integer(
    -1000,
    1000,
  )({
    description: 'how likely the kernel kills it when memory runs out, and no less likely than its caller',
    helpValue: 'NUMBER',
  }),
  'group-entry': parsed(parseGroupEntry)({
    description: 'line for /etc/group when the image does not know the group: $GROUPNAME:x:$GID:$USERLIST',
    helpValue: 'LINE',
  }),
  hostuser: parsed(parseHostUser)({
    description: 'user of the host that /etc/passwd is to know, too, by name or id',
    helpValue: 'USER',
    ...list,
  }),
  passwd: Flags.boolean({
    description: 'add a user that the image does not know to /etc/passwd and /etc/group',
    default: true,
  }),
  'passwd-entry': parsed(parsePasswdEntry)({
    description:
      'line for /etc/passwd when the image does not know the user: $USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh',
    helpValue: 'LINE',
  }),
  personality: Flags.string({
    description: 'execution domain of the process; LINUX32 is for 32-bit programs that look at uname',
    options: ['LINUX', 'LINUX32'],
    helpValue: 'PERSONALITY',
  }),
  tz: parsed(parseTimezone)({ description: 'time zone, or "local" for that of the host', helpValue: 'ZONE' }),
  ulimit: parsed(parseUlimit)({
    description: 'resource limit of the process; "host" keeps all of yours',
    helpValue: 'NAME=SOFT:HARD',
    ...list,
  }),
  umask: parsed(parseUmask)({ description: 'umask of the process', helpValue: 'MODE' }),
};
