/**
 * One repository of one registry: manifests, blobs and tags by the distribution specification.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import { TspodError } from '../errors.ts';
import { digestOf } from '../host/digest.ts';
import { decode, list, object, optional, string } from '../model/decode.ts';
import { digestAlgorithm, parseDigest, type Digest } from '../model/digest.ts';
import { MEDIA_TYPES, type Descriptor } from '../model/oci-image.ts';
import { readBlobStream } from './blob-stream.ts';
import { DOCUMENT_LIMIT, RegistryConnection, type RegistryOptions } from './connection.ts';
import type { Endpoint } from './endpoints.ts';

/** A manifest or index as the registry sent it, verified against its digest. */
export interface FetchedManifest {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string | undefined;
}

const DOCKER_SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+';

const ACCEPT = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.dockerManifest,
  // Not to read them, but to be told: without these a registry may convert what it has, under another digest.
  `${DOCKER_SCHEMA_1}prettyjws`,
  `${DOCKER_SCHEMA_1}json`,
].join(', ');

/** A repository we may read; closing it closes its connections. */
export class RegistryClient {
  readonly #connection: RegistryConnection;

  private constructor(connection: RegistryConnection) {
    this.#connection = connection;
  }

  /** @throws {TspodError} when the registry cannot be reached or is no registry */
  static async connect(endpoint: Endpoint, options: RegistryOptions = {}): Promise<RegistryClient> {
    return new RegistryClient(await RegistryConnection.open(endpoint, options));
  }

  /** @throws {TspodError} when the registry does not know us */
  async checkLogin(): Promise<void> {
    if (this.#connection.isAnonymous) return;
    const response = await this.#connection.fetch({ url: new URL('/v2/', this.#connection.base) });
    if (response.status !== 200) throw await this.#connection.refusal(response, this.#connection.endpoint.registry);
    response.body.resume();
  }

  /**
   * Fetch a manifest or an index.
   *
   * @param reference a tag or a digest
   * @throws {NotFoundError} when there is none
   * @throws {TspodError} when its content does not have the digest it should have
   */
  async fetchManifest(reference: string): Promise<FetchedManifest> {
    const isDigest = reference.includes(':');
    const what = `${this.#name}${isDigest ? '@' : ':'}${reference}`;
    const request = { url: this.#url(`manifests/${reference}`), headers: { accept: ACCEPT } };
    const { bytes, headers } = await this.#connection.fetchDocument(request, what);
    const announced = headers['docker-content-digest'];
    const expected = isDigest ? reference : typeof announced === 'string' ? announced : undefined;
    const mediaType = headers['content-type']?.split(';')[0]?.trim();
    // Schema 1 has digests of its own kind, and is refused where it is read.
    if (expected === undefined || (!isDigest && mediaType?.startsWith(DOCKER_SCHEMA_1) === true)) {
      return { bytes, digest: digestOf(bytes), mediaType };
    }
    const digest = parseDigest(expected);
    verifyDigest(bytes, digest, `the manifest of "${what}"`);
    return { bytes, digest, mediaType };
  }

  /** Fetch a small blob whole: the config of an image. */
  async fetchDocument(descriptor: Descriptor): Promise<Buffer> {
    if (descriptor.size > DOCUMENT_LIMIT) {
      throw new TspodError(`the config of "${this.#name}" is larger than ${DOCUMENT_LIMIT} bytes`);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of this.streamBlob(descriptor)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    verifyDigest(bytes, descriptor.digest, `the config of "${this.#name}"`);
    return bytes;
  }

  /**
   * The bytes of a blob, over as many connections as it takes; its size is checked here, its digest by
   * whoever stores it.
   */
  streamBlob({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): AsyncGenerator<Buffer, void, undefined> {
    return readBlobStream({
      size,
      what: `"${digest}" of "${this.#name}"`,
      open: async (offset) => {
        const headers = { 'accept-encoding': 'identity', ...(offset === 0 ? {} : { range: `bytes=${offset}-` }) };
        const response = await this.#connection.fetch({ url: this.#url(`blobs/${digest}`), headers });
        if ([200, 206, 416].includes(response.status)) return response;
        throw await this.#connection.refusal(response, `${this.#name}@${digest}`);
      },
    });
  }

  /** Every tag of the repository. */
  async listTags(): Promise<string[]> {
    const tags: string[] = [];
    const name = this.#name;
    const pages = this.#connection.fetchPages(this.#url('tags/list').pathname, { what: name, items: 'tags' });
    for await (const page of pages) tags.push(...(decode(tagsSchema, page, `tags of ${name}`).tags ?? []));
    return tags;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  get #name(): string {
    return `${this.#connection.endpoint.registry}/${this.#connection.endpoint.repository}`;
  }

  #url(rest: string): URL {
    return new URL(`/v2/${this.#connection.endpoint.repository}/${rest}`, this.#connection.base);
  }
}

const tagsSchema = object({ tags: optional(list(string)) });

function verifyDigest(bytes: Buffer, expected: Digest, what: string): void {
  const actual = digestOf(bytes, digestAlgorithm(expected));
  if (actual === expected) return;
  throw new TspodError(`${what} was altered on its way: its digest is "${actual}", not "${expected}"`, {
    remedy: 'Try again; if it happens again, do not trust this registry or the way to it.',
  });
}
