/** What a container shares with the host, and what it may do. */
import * as Flags from '@oclif/core/flags';
import { checkCapability } from '../../model/capability.ts';
import { parseIdMapping } from '../../model/id-mapping.ts';
import { parseSysctl } from '../../model/key-value.ts';
import { parseUsernsMode } from '../../model/namespace-mode.ts';
import { each, list, namespace, parsed } from '../flag.ts';

export const securityFlags = {
  'cap-add': parsed(checkCapability)({
    description: 'capability to have as well; "all" for all',
    helpValue: 'CAPABILITY',
    ...list,
  }),
  'cap-drop': parsed(checkCapability)({
    description: 'capability to do without; "all" for all',
    helpValue: 'CAPABILITY',
    ...list,
  }),
  gidmap: parsed(parseIdMapping)({
    description: 'map group ids of the container to ids of your range',
    helpValue: 'CONTAINER:HOST:SIZE',
    ...list,
  }),
  ipc: namespace('--ipc')({
    description: 'IPC namespace: private, shareable, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
  pid: namespace('--pid')({
    description: 'process namespace: private, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
  privileged: Flags.boolean({ description: 'give the container all that you may do yourself' }),
  'security-opt': Flags.string({
    description: 'one of seccomp=FILE|unconfined, no-new-privileges, mask=PATHS, unmask=PATHS|ALL, proc-opts=OPTIONS',
    helpValue: 'OPTION',
    ...each,
  }),
  subgidname: Flags.string({
    description: 'map group ids from 0 on to the ranges of this user in /etc/subgid, which only can be you',
    helpValue: 'USER',
  }),
  subuidname: Flags.string({
    description: 'map user ids from 0 on to the ranges of this user in /etc/subuid, which only can be you',
    helpValue: 'USER',
  }),
  sysctl: parsed(parseSysctl)({
    description: "kernel parameter of the container's namespaces",
    helpValue: 'NAME=VALUE',
    ...list,
  }),
  uidmap: parsed(parseIdMapping)({
    description: 'map user ids of the container to ids of your range',
    helpValue: 'CONTAINER:HOST:SIZE',
    ...list,
  }),
  userns: parsed(parseUsernsMode)({
    description:
      'user namespace: host, keep-id[:uid=U,gid=G], auto[:size=N,uidmapping=C:H:S,gidmapping=C:H:S], nomap or container:NAME',
    helpValue: 'MODE',
  }),
  uts: namespace('--uts')({
    description: 'host name namespace: private, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
};
