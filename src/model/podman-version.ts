/** The version of Podman whose behaviour is the reference: scripts look at it. */
export const PODMAN_VERSION = '4.3.1';
