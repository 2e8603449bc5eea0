/** What a container sees as files: mounts and devices. */
import * as Flags from '@oclif/core/flags';
import { parseDevice } from '../../model/device.ts';
import { parseDeviceRule } from '../../model/device-limit.ts';
import { parseMount } from '../../model/mount-pairs.ts';
import { parseChrootDirectory, parseTmpfs, parseVolume } from '../../model/mount-syntax.ts';
import { parseSecret } from '../../model/secret.ts';
import { parseVolumesFrom } from '../../model/volumes-from.ts';
import { each, list, parsed } from '../flag.ts';

export const storageFlags = {
  chrootdirs: parsed(parseChrootDirectory)({
    description: 'directory in the container that gets /etc/hosts and its like, too, for programs that chroot there',
    helpValue: 'DIR',
    ...list,
  }),
  device: parsed(parseDevice)({
    description: 'device of the host to have in the container',
    helpValue: 'HOST[:CONTAINER][:rwm]',
    ...list,
  }),
  'device-cgroup-rule': parsed(parseDeviceRule)({
    description: 'rule for devices, shown by inspect; without privileges the files of the host decide',
    helpValue: 'TYPE MAJOR:MINOR ACCESS',
    ...each,
  }),
  'image-volume': Flags.string({
    description: 'what the volumes that the image names become; bind makes anonymous volumes',
    options: ['bind', 'anonymous', 'tmpfs', 'ignore'],
    default: 'bind',
    helpValue: 'MODE',
  }),
  mount: parsed((text) => parseMount(text, process.cwd()))({
    description: 'mount something: type=bind,source=/a,target=/b,ro',
    helpValue: 'PAIRS',
    ...each,
  }),
  'read-only': Flags.boolean({ description: 'make the root file system read-only' }),
  'read-only-tmpfs': Flags.boolean({
    description: 'with --read-only, have a tmpfs at /run, /tmp and /var/tmp',
    default: true,
  }),
  rootfs: Flags.boolean({
    description: 'the first argument is a directory that holds a root file system; DIR:O leaves it unchanged',
  }),
  secret: parsed(parseSecret)({
    description: 'give a secret to the container, as a file in /run/secrets or, with type=env, as a variable',
    helpValue: 'NAME[,OPTION...]',
    ...each,
  }),
  tmpfs: parsed(parseTmpfs)({ description: 'mount a tmpfs', helpValue: 'TARGET[:OPTIONS]', ...each }),
  volume: parsed((text) => parseVolume(text, process.cwd()))({
    char: 'v',
    description: 'mount a directory of the host or a named volume',
    helpValue: '[SOURCE:]TARGET[:OPTIONS]',
    ...each,
  }),
  'volumes-from': parsed(parseVolumesFrom)({
    description: 'have the volumes of another container, too; options are ro, rw and z',
    helpValue: 'CONTAINER[:OPTIONS]',
    ...each,
  }),
};
