/** What the network and TLS say, in a sentence with a remedy. */
import { TspodError } from '../errors.ts';
import { userCertificateDirectory } from './certificates.ts';

/** May the same request succeed in a moment? A host that refuses or has no name will not change its mind. */
export function isTransient(error: unknown): boolean {
  return [
    'ECONNRESET',
    'ETIMEDOUT',
    'EPIPE',
    'EAI_AGAIN',
    'ENETRESET',
    'ECONNABORTED',
    'HPE_INVALID_EOF_STATE',
  ].includes(errorCode(error));
}

/** Node's or OpenSSL's word for what happened. */
function errorCode(error: unknown): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException; // Not every error of ours has a cause.
  return typeof code === 'string' ? code : '';
}

/** The server answers in something else than TLS. */
export function isNotTls(error: unknown): boolean {
  return ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'].includes(errorCode(error));
}

/** What the other end is to the user: a registry, which flags of ours are about, or any server. */
export type ServerRole = 'registry' | 'server';

/** Turn an error of node:http or node:https into ours. */
export function describeNetworkError(cause: unknown, url: URL, role: ServerRole = 'registry'): TspodError {
  if (cause instanceof TspodError) return cause;
  const host = url.host;
  const code = errorCode(cause);
  const network = NETWORK[code];
  if (network !== undefined) {
    const { why, remedy } = network(url, role === 'registry' ? `curl -v ${url.origin}/v2/` : `curl -I ${url.href}`);
    return new TspodError(`cannot reach the ${role} "${host}": ${why}`, { cause, remedy });
  }
  if (isNotTls(cause)) {
    const plain = role === 'registry' ? '--tls-verify=false' : url.href.replace(/^https:/, 'http:');
    return new TspodError(`cannot reach the ${role} "${host}": it does not speak TLS`, {
      cause,
      remedy: `If plain HTTP is what you want there: ${plain}`,
    });
  }
  const certificate = CERTIFICATE[code];
  if (certificate !== undefined) {
    const cure = `Put the certificate of its authority into ${userCertificateDirectory(host)}/ca.crt`;
    return new TspodError(`the ${role} "${host}" cannot be trusted: ${certificate}`, {
      cause,
      remedy: role === 'registry' ? `${cure}, or do without: --tls-verify=false` : `${cure}.`,
    });
  }
  return new TspodError(`the connection to the ${role} "${host}" failed: ${(cause as Error).message}`, {
    cause,
    remedy: `curl --verbose --output /dev/null ${url.href}`,
  });
}

interface Explanation {
  readonly why: string;
  readonly remedy: string;
}

const unknownName = ({ hostname }: URL): Explanation => ({
  why: `the name "${hostname}" cannot be resolved`,
  remedy: `Check its spelling and your name service: getent hosts ${hostname}`,
});

const noRoute = ({ hostname }: URL): Explanation => ({
  why: 'there is no route to it',
  remedy: `Check the network: ip route get ${hostname}`,
});

const broken = (_url: URL, probe: string): Explanation => ({
  why: 'it broke the connection',
  remedy: `Try again, or see what it says: ${probe}`,
});

/** `probe` is a command that asks the same server. */
const NETWORK: Readonly<Record<string, (url: URL, probe: string) => Explanation>> = {
  ENOTFOUND: unknownName,
  EAI_AGAIN: unknownName,
  ECONNREFUSED: (_url, probe) => ({
    why: 'nothing listens there (connection refused)',
    remedy: `Check that it runs: ${probe}`,
  }),
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ECONNRESET: broken,
  EPIPE: broken,
  ECONNABORTED: broken,
  HPE_INVALID_EOF_STATE: broken,
  ETIMEDOUT: (_url, probe) => ({
    why: 'it did not answer in time',
    remedy: `Check the network and any proxy: ${probe}`,
  }),
};

const CERTIFICATE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that this machine does not know',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet (is the clock right?)',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};
