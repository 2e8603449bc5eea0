/** The tags of a repository, from its mirrors or its registry. */
import type { QualifiedReference } from '../../model/image-reference.ts';
import { findEndpoints } from '../../registry/endpoints.ts';
import type { RegistriesConf } from '../../registry/registries-conf.ts';
import { connect, firstOf } from '../../registry/resolve.ts';
import { registryOptions, type RegistryAccess } from './registry-access.ts';

/** @throws {TspodError} when no registry lists them */
export async function listRemoteTags(
  reference: QualifiedReference,
  conf: RegistriesConf,
  access: RegistryAccess,
): Promise<string[]> {
  return await firstOf(findEndpoints(reference, conf), async (endpoint) => {
    await using client = await connect(endpoint, reference, registryOptions(conf, access));
    return await client.listTags();
  });
}
