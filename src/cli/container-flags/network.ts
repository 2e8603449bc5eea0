/** A container's network: names, ports, name servers. */
import * as Flags from '@oclif/core/flags';
import { parseDnsServer, parseHostEntry, parseHostname } from '../../model/host-entry.ts';
import { parseNetworkMode } from '../../model/namespace-mode.ts';
import { parseExposedPort, parsePortMapping } from '../../model/port-mapping.ts';
import { list, parsed } from '../flag.ts';

export const networkFlags = {
  'add-host': parsed(parseHostEntry)({ description: 'line for /etc/hosts', helpValue: 'NAME:ADDRESS', ...list }),
  dns: parsed(parseDnsServer)({
    description: 'name server; "none" leaves /etc/resolv.conf as the image has it',
    helpValue: 'ADDRESS',
    ...list,
  }),
  'dns-option': Flags.string({
    aliases: ['dns-opt'],
    description: 'option line of /etc/resolv.conf',
    helpValue: 'OPTION',
    ...list,
  }),
  'dns-search': Flags.string({ description: 'domain that names are looked up in', helpValue: 'DOMAIN', ...list }),
  expose: parsed(parseExposedPort)({
    description: 'port that --publish-all publishes too',
    helpValue: 'PORT[/PROTOCOL]',
    ...list,
  }),
  hostname: parsed(parseHostname)({ char: 'h', description: 'name of the host in the container', helpValue: 'NAME' }),
  'hosts-file': Flags.string({
    description: 'what /etc/hosts begins with instead of the host\'s: a file, "image" or "none"',
    helpValue: 'FILE',
  }),
  network: parsed(parseNetworkMode)({
    aliases: ['net'],
    description: 'network: slirp4netns[:OPTIONS], pasta[:OPTIONS], none, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
  'no-hostname': Flags.boolean({ description: 'leave /etc/hostname as the image has it' }),
  'no-hosts': Flags.boolean({ description: 'leave /etc/hosts as the image has it' }),
  publish: parsed(parsePortMapping)({
    char: 'p',
    description: 'publish a port, or a range, at the host',
    helpValue: '[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]',
    ...list,
  }),
  'publish-all': Flags.boolean({
    char: 'P',
    description: 'publish all ports that the image exposes at free ports of the host',
  }),
};
