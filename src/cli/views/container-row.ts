/** Containers as `ps` lists, sorts and filters them. */
import type { ContainerConfig } from '../../model/container-config.ts';
import type { ContainerStatus, ExitRecord, InitRecord } from '../../model/container-status.ts';
import type { HealthRecord } from '../../model/healthcheck.ts';
import { byText } from '../order.ts';

/** What the engine knows about a container. */
export interface ContainerRow {
  readonly config: ContainerConfig;
  readonly status: ContainerStatus;
  readonly init?: InitRecord | undefined;
  readonly exit?: ExitRecord | undefined;
  readonly health?: HealthRecord | undefined;
  /** bytes; with `--size` */
  readonly size?: { readonly rwSize: number; readonly rootFsSize: number };
  /** Inode numbers; with `--ns`. */
  readonly namespaces?: Readonly<Partial<Record<'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'user' | 'uts', string>>>;
}

/** The keys of `ps --sort`, smallest first. */
export const containerOrders: Readonly<Record<string, (a: ContainerRow, b: ContainerRow) => number>> = {
  command: byText((row) => commandOf(row.config).join(' ')),
  created: byText((row) => row.config.created),
  id: byText((row) => row.config.id),
  image: byText(imageName),
  names: byText((row) => row.config.name),
  runningfor: byText((row) => row.init?.startedAt ?? ''),
  size: (a, b) => (a.size?.rootFsSize ?? 0) - (b.size?.rootFsSize ?? 0),
  status: byText((row) => row.status),
};

/** Whether it has run and does so no more. */
export function isOver({ status }: ContainerRow): boolean {
  return status === 'exited' || status === 'unknown';
}

/** What its first process was asked to run. */
export function commandOf({ process }: ContainerConfig): string[] {
  return process.command.length > 0 ? [...process.command] : [...process.entrypoint];
}

/** As the user named it, or the directory. */
export function imageName({ config }: ContainerRow): string {
  return 'image' in config.root ? config.root.image.name : config.root.rootfs.path;
}

/** Without `sha256:`; empty for a directory. */
export function imageId({ config }: ContainerRow): string {
  return 'image' in config.root ? config.root.image.id.replace('sha256:', '') : '';
}
