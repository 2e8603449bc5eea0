/**
 * HTTP for registries: one request, its redirects followed by hand so that a credential never reaches
 * another host, tried again when trying again can help.
 */
import { request as httpRequest, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { isIPv4 } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { TspodError } from '../errors.ts';
import { readCertificates } from './certificates.ts';
import { describeNetworkError, isTransient, type ServerRole } from './network-error.ts';
import { backoffMs, isTransientStatus, retryAfterMs } from './retry.ts';
import { serverFault } from './server-fault.ts';

export interface HttpOptions {
  /** Who answers, `registry` unless told: any other server has neither its addresses nor its flags. */
  readonly role?: ServerRole | undefined;
  /** Unknown certificates and plain HTTP will do. */
  readonly insecure: boolean;
  /** `--cert-dir` */
  readonly certDir?: string | undefined;
  /** How often a request is made again, 4 unless told. */
  readonly retries?: number | undefined;
  /** The pause before each, instead of growing ones. */
  readonly retryDelayMs?: number | undefined;
  /** Ends every request, and the waiting between them. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpRequest {
  readonly url: URL;
  readonly method?: 'GET' | 'HEAD' | 'PATCH' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent to the host of `url` alone. */
  readonly authorization?: string | undefined;
  readonly body?: string | Uint8Array | StreamedBody;
  /** How often this request is made again, instead of the client's number. */
  readonly retries?: number;
  /** For how long nothing need come. */
  readonly idleTimeoutMs?: number;
}

/** A body that is too large for memory. */
export interface StreamedBody {
  /** bytes */
  readonly size: number;
  /** Read it from its beginning, each time that it is sent. */
  readonly open: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** An answer whose body has not been read; read it or destroy it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
  /** Where the redirects ended. */
  readonly url: URL;
}

const CONNECT_TIMEOUT_MS = 30_000;
/** Nothing was received for so long: the connection counts as broken. */
const IDLE_TIMEOUT_MS = 60_000;
const MAX_REDIRECTS = 10;
const RETRIES = 4;
/** A server that asks for more patience than this is told to the user instead. */
const MAX_RETRY_AFTER_MS = 30_000;

/** Connections to registries; closing it closes them. */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #role: ServerRole;
  readonly #agents = new Map<string, Promise<HttpAgent>>();

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#role = options.role ?? 'registry';
  }

  /**
   * Make a request and follow its redirects; the status is the caller's to judge.
   *
   * Broken connections, answers of 500 to 504 and 429 are tried again, with growing pauses.
   *
   * @throws {TspodError} when the host cannot be reached or asks us to stay away
   */
  async fetch(request: HttpRequest): Promise<HttpResponse> {
    return await this.repeat(async () => {
      try {
        return await this.#followRedirects(request);
      } catch (error) {
        throw error instanceof TspodError ? error : describeNetworkError(error, request.url, this.#role);
      }
    }, request.retries);
  }

  /**
   * Make an attempt of one or several requests, and make it again where a single request would be.
   *
   * @param retries how often, instead of the client's number
   */
  async repeat<Response extends HttpResponse>(
    attempt: () => Promise<Response>,
    retries = this.#options.retries ?? RETRIES,
  ): Promise<Response> {
    for (let failed = 0; ; failed += 1) {
      let pause = this.#options.retryDelayMs ?? backoffMs(failed);
      try {
        const response = await attempt();
        if (!isTransientStatus(response.status)) return response;
        const asked = retryAfterMs(response);
        if (failed >= retries || (asked ?? 0) > MAX_RETRY_AFTER_MS) return response;
        pause = asked ?? pause;
        response.body.destroy();
      } catch (error) {
        const isOver = failed >= retries || this.#options.signal?.aborted === true;
        if (isOver || !isTransient((error as Error).cause)) throw error;
      }
      await sleep(pause, undefined, { signal: this.#options.signal });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Why there is none was told where it was asked for.
    for (const agent of this.#agents.values()) (await agent.catch(() => undefined))?.destroy();
  }

  async #followRedirects(request: HttpRequest): Promise<HttpResponse> {
    let { url } = request;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      // Another port of the same host is another server, and may be another person's.
      const authorization = url.origin === request.url.origin ? request.authorization : undefined;
      const response = await this.#send({ ...request, url, authorization });
      const { location } = response.headers;
      if (response.status < 300 || response.status >= 400 || location === undefined) return response;
      response.body.resume(); // So that the connection can be used again.
      url = this.follow(url, location);
      if (request.body !== undefined && url.origin !== request.url.origin) {
        throw serverFault(`"${request.url.host}" redirects what was sent to it to "${url.host}"`);
      }
    }
    throw serverFault(`the ${this.#role} "${request.url.host}" redirects in circles`);
  }

  /**
   * Where an answer leads.
   *
   * @throws {TspodError} when that is nowhere, or the way there is less safe than the one to the answer
   */
  follow(from: URL, location: string): URL {
    const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    const known = to?.protocol === 'https:' || to?.protocol === 'http:';
    if (to === undefined || !known) {
      throw serverFault(`the ${this.#role} "${from.host}" leads to "${location}", which is not an HTTP address`);
    }
    // Who names an address without TLS can do without; a registry is spoken to so because it is on this machine.
    const staysPlain = from.protocol === 'http:' && (this.#role === 'server' || isLoopbackHost(to.hostname));
    const mayBePlain = this.#options.insecure || staysPlain;
    if (to.protocol === 'http:' && !mayBePlain) {
      throw new TspodError(`the ${this.#role} "${from.host}" leads to "${to.host}" without TLS`, {
        remedy: `If you trust the way there: ${this.#role === 'registry' ? '--tls-verify=false' : to.href}`,
      });
    }
    return to;
  }

  async #send(sent: HttpRequest): Promise<HttpResponse> {
    const { url, method = 'GET', headers, authorization, body, idleTimeoutMs = IDLE_TIMEOUT_MS } = sent;
    const agent = await this.#agentFor(url);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return await new Promise((resolve, reject) => {
      const request = send(url, {
        method,
        agent,
        ...(this.#options.signal === undefined ? {} : { signal: this.#options.signal }),
        headers: {
          'user-agent': 'tspod',
          ...(isStreamed(body) ? { 'content-length': String(body.size) } : {}),
          ...headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
      });
      const timer = setTimeout(() => request.destroy(timeoutError(url)), CONNECT_TIMEOUT_MS);
      request.once('socket', (socket) => {
        const connected = url.protocol === 'https:' ? 'secureConnect' : 'connect';
        if (request.reusedSocket) clearTimeout(timer);
        else socket.once(connected, () => clearTimeout(timer));
      });
      request.setTimeout(idleTimeoutMs, () => request.destroy(timeoutError(url)));
      request.once('response', (response) => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response, url });
      });
      request.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      // What cannot be read is not the fault of the connection, which the pipeline breaks for it.
      if (isStreamed(body)) pipeline(told(body, reject), request, () => undefined);
      else request.end(body);
    });
  }

  /** One per host: each has its own certificates. */
  async #agentFor(url: URL): Promise<HttpAgent> {
    const known = this.#agents.get(url.origin);
    if (known !== undefined) return await known;
    const agent = this.#makeAgent(url);
    this.#agents.set(url.origin, agent);
    return await agent;
  }

  async #makeAgent(url: URL): Promise<HttpAgent> {
    const options = { keepAlive: true, proxyEnv: process.env };
    if (url.protocol === 'http:') return new HttpAgent(options);
    const { insecure, certDir } = this.#options;
    const { ca, cert, key } = await readCertificates(url.host, certDir);
    return new HttpsAgent({ ...options, ca, cert, key, rejectUnauthorized: !insecure });
  }
}

/** The content of a body, whose error is told before anybody acts on it. */
async function* told(body: StreamedBody, tell: (error: unknown) => void): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body.open();
  } catch (error) {
    tell(error);
    throw error;
  }
}

function isStreamed(body: HttpRequest['body']): body is StreamedBody {
  return typeof body === 'object' && 'open' in body;
}

/** What is sent there does not leave the machine. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
}

function timeoutError(url: URL): NodeJS.ErrnoException {
  return Object.assign(new Error(`no answer from ${url.host}`), { code: 'ETIMEDOUT' });
}
