/** Socket activation: a container has the sockets on which systemd listens for what starts it. */
import { listeningSockets } from '../host/given-descriptors.ts';
import type { ContainerConfig } from '../model/container-config.ts';

const VARIABLE = /^LISTEN_(?:PID|FDS|FDNAMES)=/;

/**
 * Let a container that is about to start have them, for this one start; `--preserve-fds` is another choice.
 *
 * @throws {TspodError} when there are not as many as systemd says
 */
export function passSockets(config: ContainerConfig): ContainerConfig {
  const { process } = config;
  const sockets = process.preserveFds > 0 ? undefined : listeningSockets();
  if (sockets === undefined) return config;
  const { count, names } = sockets;
  const env = [
    ...process.env.filter((entry) => !VARIABLE.test(entry)),
    'LISTEN_PID=1', // Its own pid, as it sees it, or it takes them for another's: sd_listen_fds(3).
    `LISTEN_FDS=${count}`,
    ...(names === undefined ? [] : [`LISTEN_FDNAMES=${names}`]),
  ];
  return { ...config, process: { ...process, env, preserveFds: count } };
}
