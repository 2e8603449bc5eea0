/** Is this a registry, and how does it want to be asked? */
import { hasCode, TspodError } from '../errors.ts';
import { DOCKER_HUB } from '../model/image-reference.ts';
import { chooseChallenge, type Challenge } from './auth.ts';
import type { HttpClient, HttpResponse } from './http.ts';
import { isNotTls } from './network-error.ts';

export interface PingResult {
  readonly base: URL;
  readonly challenge: Challenge | undefined;
}

/** `/v2/` says whether this is a registry and how it wants to be asked; TLS first, plain HTTP only where it is allowed. */
export async function pingRegistry(http: HttpClient, registry: string, mayBePlain: boolean): Promise<PingResult> {
  const host = registry === DOCKER_HUB ? 'registry-1.docker.io' : registry;
  let response: HttpResponse;
  let base = new URL(`https://${host}/`);
  try {
    response = await http.fetch({ url: new URL('/v2/', base), ...(mayBePlain ? { retries: 0 } : {}) });
  } catch (error) {
    const { cause } = error as Error;
    if (!mayBePlain || !(isNotTls(cause) || isUnreachable(cause))) throw error;
    base = new URL(`http://${host}/`);
    response = await http.fetch({ url: new URL('/v2/', base) });
  }
  response.body.resume();
  if (response.status === 200) return { base, challenge: undefined };
  if (response.status === 401) return { base, challenge: chooseChallenge(response) };
  if (response.status >= 500) {
    throw new TspodError(`the registry "${registry}" is out of order: it answered with status ${response.status}`, {
      remedy: 'The fault is on its side; try again later.',
    });
  }
  if (response.status === 429) {
    throw new TspodError(`the registry "${registry}" limits how often you may ask`, {
      remedy: `Wait, or log in to raise the limit: tspod login ${registry}`,
    });
  }
  throw new TspodError(`"${registry}" is not a container registry: it answered with status ${response.status}`, {
    remedy: `See what it says: curl -v ${new URL('/v2/', base).href}`,
  });
}

/** Without a port in the name, HTTPS and HTTP are two ports, of which one may be closed. */
function isUnreachable(error: unknown): boolean {
  return hasCode(error, 'ECONNREFUSED', 'ECONNRESET');
}
