/** Events: what happened to containers, images and volumes, in Podman's field names and words. */

/** One line of the events file, and of `events --format json`. */
export interface Event {
  /** With `died` and `exec_died`, when it is not 0. */
  readonly ContainerExitCode?: number;
  /** Of a container or an image. */
  readonly ID?: string;
  readonly Image?: string;
  readonly Name: string;
  readonly Status: string;
  /** RFC 3339 with nanoseconds or milliseconds, UTC */
  readonly Time: string;
  readonly Type: EventType;
  /** With `health_status`. */
  readonly health_status?: string;
  /** The output of a check, with `--health-log-destination events_logger`. */
  readonly health_log?: string;
  /** Why, with `remove-error`. */
  readonly error?: string;
  /** The labels of a container. */
  readonly Attributes: Readonly<Record<string, string>> | null;
}

export type EventType = 'container' | 'image' | 'volume' | 'network' | 'pod' | 'system';

/** Read a line; undefined for what is none: a disk may have been full in the middle of it. */
export function parseEvent(line: string): Event | undefined {
  try {
    const value = JSON.parse(line) as Event | null;
    return typeof value === 'object' && typeof value?.Time === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
