/** Which driver holds a container's root file system. */
import { UsageError } from '../errors.ts';
import type { StorageDriver } from '../model/container-config.ts';
import type { ResolvedRequest } from '../model/container-request.ts';
import type { HostFacts } from '../model/host-facts.ts';

const DRIVERS: readonly StorageDriver[] = ['overlay', 'fuse-overlayfs', 'vfs'];

/**
 * The driver that was chosen by `--storage-driver`, else the best one the host has.
 *
 * The kernel's overlay cannot show files of other owners than it stores: any user namespace but the usual one
 * needs fuse-overlayfs, or a copy.
 *
 * @throws {UsageError} when the chosen one is unknown or cannot do what is asked
 */
export async function chooseStorageDriver(
  { userns }: Pick<ResolvedRequest, 'userns'>,
  facts: HostFacts,
): Promise<StorageDriver> {
  const shifted = userns !== undefined && userns.kind !== 'host';
  const asked = process.env['TSPOD_STORAGE_DRIVER'] ?? process.env['STORAGE_DRIVER'];
  if (asked === undefined || asked === '') return await automatic(facts, shifted);
  const driver = DRIVERS.find((name) => name === asked);
  if (driver === undefined) {
    throw new UsageError(`"${asked}" is not a storage driver`, {
      remedy: `Use one of ${DRIVERS.join(', ')}: --storage-driver overlay`,
    });
  }
  if (driver === 'fuse-overlayfs') requireFuse(facts);
  if (driver === 'overlay' && !facts.kernelOverlay) {
    throw new UsageError(
      'the storage driver "overlay" does not work here: the kernel refused an overlay in a user namespace',
      {
        remedy:
          'Linux 5.11 or newer and a store on ext4, xfs, btrfs or tmpfs are needed; else: --storage-driver fuse-overlayfs',
      },
    );
  }
  return driver === 'overlay' && shifted ? await automatic(facts, shifted) : driver;
}

async function automatic(facts: HostFacts, shifted: boolean): Promise<StorageDriver> {
  if (facts.kernelOverlay && !shifted) return 'overlay';
  return (await canFuse(facts)) ? 'fuse-overlayfs' : 'vfs';
}

/** A file system that the kernel does not overlay, another one of FUSE say, may carry none of fuse-overlayfs either. */
async function canFuse(facts: HostFacts): Promise<boolean> {
  if (facts.helpers['fuse-overlayfs'] === undefined) return false;
  const [{ openingError }, { isDoubtful, tryStore }] = await Promise.all([
    import('../host/device-error.ts'),
    import('../host/checks/store-trial.ts'),
  ]);
  if (openingError('/dev/fuse') !== undefined) return false;
  return facts.kernelOverlay || !isDoubtful() || (await tryStore(facts)) !== 'copies';
}

function requireFuse(facts: HostFacts): void {
  if (facts.helpers['fuse-overlayfs'] !== undefined) return;
  throw new UsageError('the storage driver "fuse-overlayfs" needs the program fuse-overlayfs, which is not installed', {
    remedy: 'An administrator installs it: apt-get install fuse-overlayfs, or dnf install fuse-overlayfs',
  });
}
