/**
 * One repository of one registry: manifests, blobs and tags by the distribution specification.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TspodError, UsageError } from '../errors.ts';
import { decode, list, object, optional, string } from '../model/decode.ts';
import { digestAlgorithm, parseDigest, toDigest, type Digest } from '../model/digest.ts';
import { MEDIA_TYPES, type Descriptor } from '../model/oci-image.ts';
import { basicAuthorization, chooseChallenge, fetchToken, type Challenge } from './auth.ts';
import { readBlobStream } from './blob-stream.ts';
import { findCredentials, type Credentials } from './credentials.ts';
import type { Endpoint } from './endpoints.ts';
import { backoffMs, HttpClient, isLoopbackHost, readBody, type HttpRequest, type HttpResponse } from './http.ts';
import { isTransient } from './network-error.ts';
import { pingRegistry } from './ping.ts';
import { describeRefusal } from './refusal.ts';

export interface RegistryOptions {
  /** `--tls-verify`: undefined leaves it to registries.conf. */
  readonly tlsVerify?: boolean | undefined;
  readonly certDir?: string | undefined;
  readonly authFile?: string | undefined;
  /** `--creds`; undefined: look them up. */
  readonly credentials?: Credentials | undefined;
  readonly credentialHelpers?: readonly string[];
  readonly retries?: number | undefined;
  /** Ends every request. */
  readonly signal?: AbortSignal | undefined;
}

/** A manifest or index as the registry sent it, verified against its digest. */
export interface FetchedManifest {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string | undefined;
}

/** What a pull asks of a manifest: 4 MiB is what other clients and registries allow. */
const DOCUMENT_LIMIT = 4 << 20;
const MAX_TAG_PAGES = 1000;
/** How often a document is fetched again. */
const MAX_BREAKS = 4;

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
  readonly #endpoint: Endpoint;
  readonly #http: HttpClient;
  readonly #base: URL;
  readonly #insecure: boolean;
  readonly #credentials: Credentials | undefined;
  #challenge: Challenge | undefined;
  #token: Promise<string> | undefined;

  private constructor(
    endpoint: Endpoint,
    connection: { http: HttpClient; base: URL; insecure: boolean; challenge: Challenge | undefined },
    credentials: Credentials | undefined,
  ) {
    this.#endpoint = endpoint;
    this.#http = connection.http;
    this.#base = connection.base;
    this.#insecure = connection.insecure;
    this.#challenge = connection.challenge;
    this.#credentials = credentials;
  }

  /**
   * Find out how the registry is spoken to.
   *
   * @throws {TspodError} when it cannot be reached or is no registry
   */
  static async connect(endpoint: Endpoint, options: RegistryOptions = {}): Promise<RegistryClient> {
    const address = `https://${endpoint.registry}/`;
    if (!URL.canParse(address)) throw new UsageError(`"${endpoint.registry}" is not the address of a registry`);
    const { hostname } = new URL(address);
    const insecure = options.tlsVerify === undefined ? endpoint.insecure : !options.tlsVerify;
    const { certDir, retries, signal } = options;
    const http = new HttpClient({ insecure, certDir, retries, signal });
    try {
      const mayBePlain = insecure || (options.tlsVerify === undefined && isLoopbackHost(hostname));
      const { base, challenge } = await pingRegistry(http, endpoint.registry, mayBePlain);
      const credentials =
        options.credentials ??
        (await findCredentials({
          registry: endpoint.registry,
          repository: endpoint.repository,
          authFile: options.authFile,
          ...(options.credentialHelpers === undefined ? {} : { helpers: options.credentialHelpers }),
        }));
      return new RegistryClient(endpoint, { http, base, insecure, challenge }, credentials);
    } catch (error) {
      await http[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** @throws {TspodError} when the registry does not know us */
  async checkLogin(): Promise<void> {
    if (this.#challenge === undefined) return;
    const response = await this.#fetch({ url: new URL('/v2/', this.#base) });
    if (response.status !== 200) throw await this.#refusal(response, this.#endpoint.registry);
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
    const { bytes, headers } = await this.#fetchWhole(request, what);
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
        const response = await this.#fetch({ url: this.#url(`blobs/${digest}`), headers });
        if ([200, 206, 416].includes(response.status)) return response;
        throw await this.#refusal(response, `${this.#name}@${digest}`);
      },
    });
  }

  /** Every tag of the repository. */
  async listTags(): Promise<string[]> {
    const tags: string[] = [];
    let url: URL | undefined = this.#url('tags/list');
    for (let page = 0; url !== undefined && page < MAX_TAG_PAGES; page += 1) {
      const { bytes, headers } = await this.#fetchWhole({ url }, this.#name);
      tags.push(...(decode(tagsSchema, bytes.toString('utf8'), `tags of ${this.#name}`).tags ?? []));
      const next = /<([^>]*)>\s*;[^,]*rel="?next"?/.exec(String(headers['link'] ?? ''))?.[1];
      url = next === undefined ? undefined : this.#samePlace(new URL(next, url));
    }
    return tags;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }

  get #name(): string {
    return `${this.#endpoint.registry}/${this.#endpoint.repository}`;
  }

  #url(rest: string): URL {
    return new URL(`/v2/${this.#endpoint.repository}/${rest}`, this.#base);
  }

  /** The next page is on the registry itself, or our credentials would go astray. */
  #samePlace(url: URL): URL {
    if (url.origin === this.#base.origin) return url;
    throw new TspodError(`the registry "${this.#endpoint.registry}" continues its list of tags on "${url.host}"`);
  }

  /** Fetch a document; when the connection breaks in the middle, again. */
  async #fetchWhole(request: HttpRequest, what: string): Promise<{ bytes: Buffer; headers: HttpResponse['headers'] }> {
    for (let attempt = 0; ; attempt += 1) {
      const response = await this.#fetch(request);
      if (response.status !== 200) throw await this.#refusal(response, what);
      try {
        return { bytes: await readBody(response, DOCUMENT_LIMIT), headers: response.headers };
      } catch (error) {
        if (attempt >= MAX_BREAKS || !isTransient((error as Error).cause)) throw error;
        await sleep(backoffMs(attempt));
      }
    }
  }

  /** Ask, and when our token has run out meanwhile, ask once more with a new one. */
  async #fetch(request: HttpRequest): Promise<HttpResponse> {
    const authorization = await this.#authorize();
    const token = this.#token;
    const response = await this.#http.fetch({ ...request, authorization });
    if (response.status !== 401) return response;
    // Only the registry itself may ask for credentials, not where it sent us.
    if (response.url.origin !== this.#base.origin) return response;
    const challenge = chooseChallenge(response);
    if (challenge === undefined || (challenge.scheme === 'basic' && authorization !== undefined)) return response;
    response.body.resume();
    this.#challenge = challenge;
    if (this.#token === token) this.#token = undefined; // Else another request has a new one already.
    return await this.#http.fetch({ ...request, authorization: await this.#authorize() });
  }

  async #authorize(): Promise<string | undefined> {
    const challenge = this.#challenge;
    if (challenge === undefined) return undefined;
    if (challenge.scheme === 'basic') return this.#credentials && basicAuthorization(this.#credentials);
    this.#token ??= fetchToken(this.#http, challenge, {
      registry: this.#endpoint.registry,
      scope: this.#endpoint.repository === '' ? '' : `repository:${this.#endpoint.repository}:pull`,
      credentials: this.#credentials,
      insecure: this.#insecure,
    });
    return `Bearer ${await this.#token}`;
  }

  async #refusal(response: HttpResponse, what: string): Promise<TspodError> {
    return await describeRefusal(response, {
      registry: this.#endpoint.registry,
      what,
      credentials: this.#credentials,
      isElsewhere: response.url.origin !== this.#base.origin,
    });
  }
}

const tagsSchema = object({ tags: optional(list(string)) });

function digestOf(bytes: Buffer): Digest {
  return toDigest('sha256', createHash('sha256').update(bytes).digest('hex'));
}

function verifyDigest(bytes: Buffer, expected: Digest, what: string): void {
  const algorithm = digestAlgorithm(expected);
  const actual = toDigest(algorithm, createHash(algorithm).update(bytes).digest('hex'));
  if (actual === expected) return;
  throw new TspodError(`${what} was altered on its way: its digest is "${actual}", not "${expected}"`, {
    remedy: 'Try again; if it happens again, do not trust this registry or the way to it.',
  });
}
