/** The arguments of pasta(1), from the options after `--network pasta:`. */
import type { PortForward } from './network.ts';

/**
 * Options go to pasta as they are; a port option of the user's own replaces our default, as in Podman. Without
 * one pasta would open every port that the container listens on.
 */
export function compilePasta(options: readonly string[], forwards: readonly PortForward[]): string[] {
  const has = (...names: readonly string[]) => options.some((option) => names.includes(option.split('=', 1)[0] ?? ''));
  const closed = (short: string, long: string) => (has(short, long) ? [] : [short, 'none']);
  return [
    '--config-net',
    '--quiet',
    ...(has('--map-gw') ? [] : ['--no-map-gw']),
    ...portOptions('-t', 'tcp', forwards, closed('-t', '--tcp-ports')),
    ...portOptions('-u', 'udp', forwards, closed('-u', '--udp-ports')),
    ...closed('-T', '--tcp-ns'),
    ...closed('-U', '--udp-ns'),
    ...options.filter((option) => option !== '--map-gw'), // Not an option of pasta's: it asks for its default.
  ];
}

function portOptions(
  option: string,
  protocol: 'tcp' | 'udp',
  forwards: readonly PortForward[],
  otherwise: readonly string[],
): readonly string[] {
  const wanted = forwards.filter((forward) => forward.protocol === protocol);
  if (wanted.length === 0) return otherwise;
  // Without an address pasta listens on both families itself.
  const texts = wanted.map(({ hostIp, hostPort, containerPort, isWildcard }) =>
    isWildcard ? `${hostPort}:${containerPort}` : `${hostIp}/${hostPort}:${containerPort}`,
  );
  return [...new Set(texts)].flatMap((text) => [option, text]);
}
