/**
 * One repository of one registry that is written to: blobs and manifests by the distribution specification.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
import { TspodError } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import { RegistryConnection, type RegistryOptions } from './connection.ts';
import type { Endpoint } from './endpoints.ts';
import type { HttpResponse, StreamedBody } from './http.ts';

/** Before it answers the registry may read again all that was sent. */
const COMMIT_TIMEOUT_MS = 900_000;

/** A blob with its content, which is read again for every attempt to send it. */
export interface BlobSource extends StreamedBody {
  readonly digest: Digest;
}

/** The registry takes no manifest of this form. */
export class ManifestRefusedError extends TspodError {
  constructor({ message, remedy }: TspodError) {
    super(message, { remedy });
  }
}

/** A repository we may write; closing it closes its connections. */
export class PushClient {
  readonly #connection: RegistryConnection;

  private constructor(connection: RegistryConnection) {
    this.#connection = connection;
  }

  /** @throws {TspodError} when the registry cannot be reached or is no registry */
  static async connect(endpoint: Endpoint, options: RegistryOptions = {}): Promise<PushClient> {
    return new PushClient(await RegistryConnection.open(endpoint, { ...options, purpose: 'push' }));
  }

  /**
   * Bring a blob to the repository.
   *
   * @param from another repository of the registry that has it, perhaps
   * @returns whether it was sent; false when the registry has it already
   * @throws {TspodError} when the registry does not take it
   */
  async pushBlob(blob: BlobSource, from?: string): Promise<boolean> {
    if (await this.#hasBlob(blob.digest)) return false;
    if (from !== undefined && (await this.#mount(blob.digest, from))) return false;
    const response = await this.#connection.repeat(async () => await this.#upload(blob));
    if (!response.isStored) throw await this.#refusal(response);
    response.body.resume();
    return true;
  }

  /**
   * Write a manifest, whose blobs are there.
   *
   * @param reference a tag, or its digest
   * @throws {ManifestRefusedError} when the registry does not take manifests of this media type
   * @throws {TspodError} when it does not take it, or takes it for another one
   */
  async pushManifest(reference: string, bytes: Buffer, { mediaType, digest }: ManifestPromise): Promise<void> {
    const request = { url: this.#url(`manifests/${reference}`), method: 'PUT', body: bytes } as const;
    const response = await this.#connection.fetch({ ...request, headers: { 'content-type': mediaType } });
    if (!isSuccess(response)) {
      const refusal = await this.#refusal(response);
      throw [400, 415].includes(response.status) ? new ManifestRefusedError(refusal) : refusal;
    }
    response.body.resume();
    const stored = response.headers['docker-content-digest'] ?? digest;
    if (stored === digest) return;
    throw new TspodError(`the registry keeps the manifest of "${this.#name}" as "${String(stored)}", not "${digest}"`, {
      remedy: 'It altered what it was sent: do not use the image there.',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #hasBlob(digest: Digest): Promise<boolean> {
    const response = await this.#connection.fetch({ url: this.#url(`blobs/${digest}`), method: 'HEAD' });
    response.body.resume();
    return response.status === 200; // Any other answer is told when the blob is sent.
  }

  /**
   * Who may not read there may write here all the same: no challenge is answered. An upload that the registry begins
   * instead is left to it: it ends those that nobody goes on with.
   */
  async #mount(digest: Digest, from: string): Promise<boolean> {
    const url = this.#url('blobs/uploads/');
    url.searchParams.set('mount', digest);
    url.searchParams.set('from', from);
    const response = await this.#connection.ask({ url, method: 'POST' });
    response.body.resume();
    return response.status === 201;
  }

  /** The last answer; only one to the last request says that the blob is stored. */
  async #upload({ digest, ...body }: BlobSource): Promise<HttpResponse & { readonly isStored: boolean }> {
    const begun = await this.#connection.fetch({ url: this.#url('blobs/uploads/'), method: 'POST', retries: 0 });
    if (begun.status !== 202) return { ...begun, isStored: false };
    begun.body.resume();
    const headers = { 'content-type': 'application/octet-stream' };
    const url = this.#connection.locationOf(begun);
    const sent = await this.#connection.fetch({ url, method: 'PATCH', headers, body, retries: 0 });
    if (!isSuccess(sent)) return { ...sent, isStored: false };
    sent.body.resume();
    const end = this.#connection.locationOf(sent);
    end.searchParams.set('digest', digest);
    const patience = { retries: 0, idleTimeoutMs: COMMIT_TIMEOUT_MS };
    const ended = await this.#connection.fetch({ url: end, method: 'PUT', headers, body: '', ...patience });
    return { ...ended, isStored: isSuccess(ended) };
  }

  async #refusal(response: HttpResponse): Promise<TspodError> {
    return await this.#connection.refusal(response, this.#name);
  }

  get #name(): string {
    return `${this.#connection.endpoint.registry}/${this.#connection.endpoint.repository}`;
  }

  #url(rest: string): URL {
    return new URL(`/v2/${this.#connection.endpoint.repository}/${rest}`, this.#connection.base);
  }
}

/** The specification has one status for each step, registries others that mean the same. */
function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

interface ManifestPromise {
  readonly mediaType: string;
  readonly digest: Digest;
}
