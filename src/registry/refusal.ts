/** What a registry's refusal means, in a sentence with a remedy. */
import { NotFoundError, TspodError } from '../errors.ts';
import { decode, list, object, optional, string } from '../model/decode.ts';
import { needsLogin, refusedCredentials, type Purpose } from './auth.ts';
import type { Credentials } from './credentials.ts';
import type { HttpResponse } from './http.ts';
import { readBody } from './read-body.ts';
import { retryAfterMs } from './retry.ts';
import { serverFault } from './server-fault.ts';

export interface RefusedRequest {
  readonly registry: string;
  /** Names what was asked for. */
  readonly what: string;
  readonly credentials: Credentials | undefined;
  readonly purpose: Purpose;
  /** The answer comes from where the registry sent us. */
  readonly isElsewhere: boolean;
}

/** Turn an answer that is not what was asked for into an error; its body is read or dropped. */
export async function describeRefusal(
  response: HttpResponse,
  { registry, what, credentials, purpose, isElsewhere }: RefusedRequest,
): Promise<TspodError> {
  const detail = await readRegistryError(response);
  const { status, url } = response;
  if (isElsewhere) {
    return serverFault(`"${url.host}", where "${registry}" keeps "${what}", answered with status ${status}`);
  }
  if (purpose === 'search' && [401, 403, 404, 405].includes(status))
    return refusedSearch(registry, credentials, status);
  switch (status) {
    case 401:
      if (credentials === undefined) return needsLogin(registry, what, purpose);
      return purpose === 'pull' ? refusedCredentials(registry, credentials) : refusedPush(registry, what, credentials);
    case 403:
      return new TspodError(`the registry "${registry}" denies access to "${what}"${detail}`, {
        remedy: `Check the name, or log in as somebody who may: tspod login ${registry}`,
      });
    case 404:
      if (purpose === 'push') break;
      return new NotFoundError(`no image "${what}" on its registry`, {
        remedy: `Check the name and the tag; the registry "${registry}" itself answers.`,
      });
    case 413:
      return new TspodError(`the registry "${registry}" takes no request as large as one for "${what}"${detail}`, {
        remedy: 'Ask who runs it: a proxy before it may have a limit of its own (nginx: client_max_body_size).',
      });
    case 429: {
      const wait = retryAfterMs(response);
      return new TspodError(`the registry "${registry}" limits how often you may ${purpose}${detail}`, {
        remedy:
          wait === undefined
            ? `Wait, or log in to raise the limit: tspod login ${registry}`
            : `Wait ${Math.ceil(wait / 1000)} seconds, or log in to raise the limit: tspod login ${registry}`,
      });
    }
  }
  return new TspodError(`the registry "${registry}" answered with status ${status} for "${what}"${detail}`, {
    remedy: remedyFor(status, purpose, url),
  });
}

function remedyFor(status: number, purpose: Purpose, url: URL): string {
  if (status >= 500) return 'The fault is on its side; try again later.';
  if (purpose !== 'push') return `See what it says: curl -v ${url.href}`;
  return 'See whether it wants the repository to be made first, and whether it takes such images.';
}

/** Many registries show their tags, but not what repositories there are. */
function refusedSearch(registry: string, credentials: Credentials | undefined, status: number): TspodError {
  if (status >= 404) {
    return new TspodError(`the registry "${registry}" cannot be searched: it does not list what it has`, {
      remedy: `tspod search --list-tags ${registry}/NAME`,
    });
  }
  if (credentials === undefined) return needsLogin(registry, '', 'search');
  return new TspodError(`the registry "${registry}" does not let "${credentials.username}" search it`, {
    remedy: `Check the password, or log in as somebody who may: tspod login ${registry}`,
  });
}

/** A token for reading is had by everybody who is known; registries say so only when something is written. */
function refusedPush(registry: string, what: string, { username }: Credentials): TspodError {
  return new TspodError(`the registry "${registry}" does not let "${username}" push "${what}"`, {
    remedy: `Check the name, or log in as somebody who may: tspod login ${registry}`,
  });
}

const errorsSchema = object({
  errors: optional(list(object({ message: optional(string), code: optional(string) }))),
});

/** What the registry itself says, as a clause; it is text from outside and stays short and printable. */
async function readRegistryError(response: HttpResponse): Promise<string> {
  try {
    const text = (await readBody(response, 64 << 10)).toString('utf8');
    const message = decode(errorsSchema, text, 'error').errors?.[0]?.message ?? '';
    return message === '' ? '' : `: ${message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}`;
  } catch {
    return ''; // Registries behind a gateway answer with web pages.
  }
}
