/** The arguments of pasta(1), from the options after `--network pasta:`. */
import type { PortForward } from './network.ts';

/**
 * Options go to pasta as they are; a port option of the user's own replaces our default, as in Podman. Without
 * one pasta would open every port that the container listens on.
 *
 * @param forwards of TCP
 */
export function compilePasta(options: readonly string[], forwards: readonly PortForward[]): string[] {
  const has = (...names: readonly string[]) => options.some((option) => names.includes(option.split('=', 1)[0] ?? ''));
  const closed = (short: string, long: string) => (has(short, long) ? [] : [short, 'none']);
  return [
    '--config-net',
    '--quiet',
    ...(has('--map-gw') ? [] : ['--no-map-gw']),
    ...(forwards.length > 0 ? portOptions(forwards) : closed('-t', '--tcp-ports')),
    ...closed('-u', '--udp-ports'),
    ...closed('-T', '--tcp-ns'),
    ...closed('-U', '--udp-ns'),
    ...options.filter((option) => option !== '--map-gw'), // Not an option of pasta's: it asks for its default.
  ];
}

function portOptions(forwards: readonly PortForward[]): readonly string[] {
  // Without an address pasta listens on both families itself.
  const texts = forwards.map(({ hostIp, hostPort, containerPort, isWildcard }) =>
    isWildcard ? `${hostPort}:${containerPort}` : `${hostIp}/${hostPort}:${containerPort}`,
  );
  return [...new Set(texts)].flatMap((text) => ['-t', text]);
}
