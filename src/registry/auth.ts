/**
 * Who may do what: challenges of a registry and the tokens that answer them.
 *
 * @see https://distribution.github.io/distribution/spec/auth/token/
 * @see RFC 9110, section 11.6.1
 */
import { TspodError } from '../errors.ts';
import { decode, object, optional, string } from '../model/decode.ts';
import type { Credentials } from './credentials.ts';
import { isLoopbackHost, type HttpClient, type HttpRequest, type HttpResponse } from './http.ts';
import { readBody } from './read-body.ts';
import { serverFault } from './server-fault.ts';

export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a repository, or a registry as a whole, is wanted for. */
export type Purpose = 'pull' | 'push' | 'search';

const TOKEN_LIMIT = 1 << 20; // bytes
const CLIENT_ID = 'tspod';

/** Read `WWW-Authenticate`; there may be several challenges in one line. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const token = /\s*,?\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/gy;
  for (let match = token.exec(header); match !== null; match = token.exec(header)) {
    const [, word = '', quoted, bare] = match;
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare;
    if (value === undefined) challenges.push({ scheme: word.toLowerCase(), parameters: {} });
    else (challenges.at(-1)?.parameters ?? {})[word.toLowerCase()] = value;
  }
  return challenges;
}

/** The challenge that we can answer. */
export function chooseChallenge({ headers }: HttpResponse): Challenge | undefined {
  const challenges = parseChallenges(headers['www-authenticate'] ?? '');
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges.find(({ scheme }) => scheme === 'basic');
}

/** `Authorization` for a user and a password: RFC 7617. */
export function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/**
 * Get a bearer token.
 *
 * @param options.registry with the repository and the purpose, for errors
 * @param options.wishes scopes that are left out where the server gives no token with them
 * @throws {TspodError} when the token server refuses
 */
export async function fetchToken(
  http: HttpClient,
  challenge: Challenge,
  options: {
    readonly registry: string;
    readonly repository: string;
    readonly purpose: Purpose;
    readonly scopes: readonly string[];
    readonly wishes: readonly string[];
    readonly credentials: Credentials | undefined;
    readonly insecure: boolean;
  },
): Promise<string> {
  const { registry, credentials } = options;
  const realm = challenge.parameters['realm'] ?? '';
  if (!URL.canParse(realm)) throw serverFault(`the registry "${registry}" names no token server ("${realm}")`);
  const url = new URL(realm);
  const mayBePlain = options.insecure || isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePlain)) {
    throw new TspodError(`the registry "${registry}" wants credentials sent to "${url.origin}" without TLS`, {
      remedy: 'If you trust the way there: --tls-verify=false',
    });
  }
  const { scopes, wishes } = options;
  let response = await http.fetch(tokenRequest(url, challenge, { credentials, scopes: [...scopes, ...wishes] }));
  if (response.status !== 200 && wishes.length > 0) {
    response.body.resume();
    response = await http.fetch(tokenRequest(url, challenge, { credentials, scopes }));
  }
  if (response.status === 401 || response.status === 403) {
    response.body.destroy();
    throw credentials === undefined
      ? needsLogin(registry, options.repository, options.purpose)
      : refusedCredentials(registry, credentials);
  }
  if (response.status !== 200) {
    response.body.destroy();
    throw serverFault(`the token server "${url.host}" of "${registry}" answered with status ${response.status}`);
  }
  const text = (await readBody(response, TOKEN_LIMIT)).toString('utf8');
  const { token, access_token: accessToken } = decode(tokenSchema, text, `token of ${registry}`);
  const found = token || accessToken;
  if (!found) throw serverFault(`the token server "${url.host}" of "${registry}" sent no token`);
  return found;
}

/** The registry knows us and says no. */
export function refusedCredentials(registry: string, { username }: Credentials): TspodError {
  return new TspodError(`the registry "${registry}" refuses the credentials of "${username}"`, {
    remedy: `Log in again: tspod login ${registry}`,
  });
}

/**
 * Registries do not tell strangers whether something exists.
 *
 * @param what a repository, or something in it
 */
export function needsLogin(registry: string, what: string, purpose: Purpose): TspodError {
  if (purpose === 'push') {
    return new TspodError(`the registry "${registry}" lets nobody push "${what}" without a login`, {
      remedy: `Log in: tspod login ${registry}`,
    });
  }
  if (purpose === 'search') {
    return new TspodError(`the registry "${registry}" lets nobody search it without a login`, {
      remedy: `Log in: tspod login ${registry}`,
    });
  }
  return new TspodError(`the registry "${registry}" does not show "${what}" without a login, or has no such image`, {
    remedy: `Check the name, or log in: tspod login ${registry}`,
  });
}

const tokenSchema = object({ token: optional(string), access_token: optional(string) });

/** With an identity token, OAuth2; else a GET that carries the password, or nothing. */
function tokenRequest(
  realm: URL,
  { parameters }: Challenge,
  {
    scopes: wanted,
    credentials,
  }: { readonly scopes: readonly string[]; readonly credentials: Credentials | undefined },
): HttpRequest {
  const url = new URL(realm);
  const { service } = parameters;
  const scopes = [...new Set([...wanted, ...(parameters['scope'] ?? '').split(' ')])].filter((item) => item !== '');
  if (credentials?.identityToken !== undefined) {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: credentials.identityToken,
      client_id: CLIENT_ID,
      scope: scopes.join(' '),
      ...(service === undefined ? {} : { service }),
    });
    return {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    };
  }
  if (service !== undefined) url.searchParams.set('service', service);
  for (const item of scopes) url.searchParams.append('scope', item);
  if (credentials !== undefined) url.searchParams.set('account', credentials.username);
  return { url, authorization: credentials && basicAuthorization(credentials) };
}
