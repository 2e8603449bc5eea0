/** Flags of Podman that ask for what tspod has not: scripts that pass them learn why. */
import { refused } from '../flag.ts';

const BRIDGE = 'it is for bridge networks, which tspod has not';
const DEVICES = 'Give the devices one by one: --device /dev/dri';

export const refusedFlags = {
  gpus: refused('it needs the Container Device Interface, which tspod does not read', DEVICES),
  'init-ctr': refused(
    'it is for containers of pods, which tspod has not',
    'Run it before: tspod run --rm IMAGE COMMAND',
  ),
  ip: refused(BRIDGE, 'Leave it out: slirp4netns gives 10.0.2.100; --network slirp4netns:cidr=10.1.0.0/24 another one'),
  ip6: refused(BRIDGE, 'Ask for an address of its own: --network slirp4netns:enable_ipv6=true'),
  'mac-address': refused(BRIDGE, 'Leave it out.'),
  'network-alias': refused(BRIDGE, 'Name the other container in /etc/hosts: --add-host db:10.0.2.2'),
  pod: refused(
    'it is for pods, which tspod has not',
    'Share the namespaces of another container: --network container:NAME',
  ),
  'pod-id-file': refused(
    'it is for pods, which tspod has not',
    'Share the namespaces of another container: --network container:NAME',
  ),
  'rdt-class': refused(
    "it changes /sys/fs/resctrl, which is root's",
    'Leave it out, or limit the CPUs: --cpuset-cpus 0-3',
  ),
};
