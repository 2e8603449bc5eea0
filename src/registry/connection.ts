/**
 * How one registry is spoken to: found out once, then every request carries what it wants to see.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { TspodError, UsageError } from '../errors.ts';
import { basicAuthorization, chooseChallenge, fetchToken, type Challenge, type Purpose } from './auth.ts';
import { findCredentials, type Credentials } from './credentials.ts';
import type { Endpoint } from './endpoints.ts';
import { HttpClient, isLoopbackHost, type HttpRequest, type HttpResponse } from './http.ts';
import { readBody } from './read-body.ts';
import { isTransient } from './network-error.ts';
import { pingRegistry } from './ping.ts';
import { describeRefusal } from './refusal.ts';
import { backoffMs } from './retry.ts';
import { serverFault } from './server-fault.ts';

export interface RegistryOptions {
  /** `--tls-verify`: undefined leaves it to registries.conf. */
  readonly tlsVerify?: boolean | undefined;
  readonly certDir?: string | undefined;
  readonly authFile?: string | undefined;
  /** `--creds`; undefined: look them up. */
  readonly credentials?: Credentials | undefined;
  readonly credentialHelpers?: readonly string[];
  readonly retries?: number | undefined;
  readonly retryDelayMs?: number | undefined;
  /** `pull` unless told. */
  readonly purpose?: Purpose | undefined;
  /** Other repositories of the registry that are read as well, if it lets us. */
  readonly alsoReads?: readonly string[] | undefined;
  /** Ends every request. */
  readonly signal?: AbortSignal | undefined;
}

/** bytes: 4 MiB of a manifest or a config is what other clients and registries allow. */
export const DOCUMENT_LIMIT = 4 << 20;
/** How often a document is fetched again. */
const MAX_BREAKS = 4;
/** A list that is longer is cut. */
const MAX_PAGES = 1000;

/** Requests to one repository, with the credentials it asks for; closing it closes its connections. */
export class RegistryConnection {
  readonly endpoint: Endpoint;
  /** Where the registry answers. */
  readonly base: URL;
  readonly #http: HttpClient;
  readonly #insecure: boolean;
  readonly #credentials: Credentials | undefined;
  readonly #purpose: Purpose;
  readonly #scopes: readonly string[];
  readonly #wishes: readonly string[];
  #challenge: Challenge | undefined;
  #token: Promise<string> | undefined;

  private constructor(
    endpoint: Endpoint,
    way: { http: HttpClient; base: URL; insecure: boolean; challenge: Challenge | undefined },
    credentials: Credentials | undefined,
    { purpose = 'pull', alsoReads = [] }: RegistryOptions,
  ) {
    this.endpoint = endpoint;
    this.base = way.base;
    this.#http = way.http;
    this.#insecure = way.insecure;
    this.#challenge = way.challenge;
    this.#credentials = credentials;
    this.#purpose = purpose;
    const actions = purpose === 'push' ? 'pull,push' : 'pull';
    this.#scopes = endpoint.repository === '' ? [] : [`repository:${endpoint.repository}:${actions}`];
    this.#wishes = alsoReads.map((name) => `repository:${name}:pull`);
  }

  /**
   * Find out how the registry is spoken to.
   *
   * @throws {TspodError} when it cannot be reached or is no registry
   */
  static async open(endpoint: Endpoint, options: RegistryOptions = {}): Promise<RegistryConnection> {
    const address = `https://${endpoint.registry}/`;
    if (!URL.canParse(address)) throw new UsageError(`"${endpoint.registry}" is not the address of a registry`);
    const { hostname } = new URL(address);
    const insecure = options.tlsVerify === undefined ? endpoint.insecure : !options.tlsVerify;
    const { certDir, retries, retryDelayMs, signal } = options;
    const http = new HttpClient({ insecure, certDir, retries, retryDelayMs, signal });
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
      return new RegistryConnection(endpoint, { http, base, insecure, challenge }, credentials, options);
    } catch (error) {
      await http[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The registry asks for no credentials. */
  get isAnonymous(): boolean {
    return this.#challenge === undefined;
  }

  /** Ask with the credentials that we have shown before; a challenge is an answer like any other. */
  async ask(request: HttpRequest): Promise<HttpResponse> {
    return await this.#http.fetch({ ...request, authorization: await this.#authorize() });
  }

  /** Ask, and when our token has run out meanwhile, ask once more with a new one. */
  async fetch(request: HttpRequest): Promise<HttpResponse> {
    // Where the registry sends us is not to know who we are.
    if (request.url.origin !== this.base.origin) return await this.#http.fetch(request);
    const authorization = await this.#authorize();
    const token = this.#token;
    const response = await this.#http.fetch({ ...request, authorization });
    if (response.status !== 401) return response;
    // Only the registry itself may ask for credentials, not where it sent us.
    if (response.url.origin !== this.base.origin) return response;
    const challenge = chooseChallenge(response);
    if (challenge === undefined || (challenge.scheme === 'basic' && authorization !== undefined)) return response;
    response.body.resume();
    this.#challenge = challenge;
    if (this.#token === token) this.#token = undefined; // Else another request has a new one already.
    return await this.#http.fetch({ ...request, authorization: await this.#authorize() });
  }

  /**
   * Fetch a document; when the connection breaks in the middle, again.
   *
   * @param what names it in errors
   * @throws {TspodError} when the registry refuses, or it is larger than a document may be
   */
  async fetchDocument(
    request: HttpRequest,
    what: string,
    { anonymously = false }: { readonly anonymously?: boolean } = {},
  ): Promise<{ bytes: Buffer; headers: HttpResponse['headers'] }> {
    for (let attempt = 0; ; attempt += 1) {
      const response = await (anonymously ? this.#http.fetch(request) : this.fetch(request));
      if (response.status !== 200) throw await this.refusal(response, what);
      try {
        return { bytes: await readBody(response, DOCUMENT_LIMIT), headers: response.headers };
      } catch (error) {
        if (attempt >= MAX_BREAKS || !isTransient((error as Error).cause)) throw error;
        await sleep(backoffMs(attempt));
      }
    }
  }

  /**
   * Fetch a list page by page: `Link` leads from each to the next.
   *
   * @param options.what names it in errors
   * @param options.items what it lists: `tags`
   */
  async *fetchPages(
    first: string,
    { what, items }: { readonly what: string; readonly items: string },
  ): AsyncGenerator<string, void, undefined> {
    let url: URL | undefined = new URL(first, this.base);
    for (let page = 0; url !== undefined && page < MAX_PAGES; page += 1) {
      const { bytes, headers } = await this.fetchDocument({ url }, what);
      yield bytes.toString('utf8');
      const next = /<([^>]*)>\s*;[^,]*rel="?next"?/.exec(String(headers['link'] ?? ''))?.[1];
      url = next === undefined ? undefined : this.#nextPage(next, url, items);
    }
  }

  /** Make an attempt of several requests, and again where a single request would be made again. */
  async repeat<Response extends HttpResponse>(attempt: () => Promise<Response>): Promise<Response> {
    return await this.#http.repeat(attempt);
  }

  /**
   * Where the `Location` of an answer leads.
   *
   * @throws {TspodError} when there is none, or the way there is less safe than the one to the answer
   */
  locationOf({ url, headers: { location } }: HttpResponse): URL {
    if (location !== undefined) return this.#http.follow(url, location);
    throw serverFault(`the registry "${this.endpoint.registry}" does not say where to go on`);
  }

  /** The error that an answer other than the expected one stands for. */
  async refusal(response: HttpResponse, what: string): Promise<TspodError> {
    return await describeRefusal(response, {
      registry: this.endpoint.registry,
      what,
      credentials: this.#credentials,
      purpose: this.#purpose,
      isElsewhere: response.url.origin !== this.base.origin,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }

  /** It is on the registry itself, or our credentials would go astray. */
  #nextPage(next: string, page: URL, items: string): URL {
    const url = URL.canParse(next, page.href) ? new URL(next, page) : undefined;
    if (url?.origin === this.base.origin) return url;
    throw serverFault(
      `the registry "${this.endpoint.registry}" continues its list of ${items} on "${url?.host ?? next}"`,
    );
  }

  async #authorize(): Promise<string | undefined> {
    const challenge = this.#challenge;
    if (challenge === undefined) return undefined;
    if (challenge.scheme === 'basic') return this.#credentials && basicAuthorization(this.#credentials);
    this.#token ??= fetchToken(this.#http, challenge, {
      registry: this.endpoint.registry,
      repository: this.endpoint.repository,
      scopes: this.#scopes,
      wishes: this.#wishes,
      purpose: this.#purpose,
      credentials: this.#credentials,
      insecure: this.#insecure,
    });
    return `Bearer ${await this.#token}`;
  }
}
