/** Files behind http and https addresses, which `import` and `load` take like those of this machine. */
import { TspodError, UsageError } from '../../errors.ts';
import { HttpClient } from '../../registry/http.ts';

/**
 * Download a file. Nothing is asked of its server before the first byte is.
 *
 * @throws {TspodError} when it cannot be had, or not to its end
 */
export async function* download(address: string): AsyncGenerator<Buffer, void, undefined> {
  if (!URL.canParse(address)) {
    throw new UsageError(`"${address}" is not an address`, { remedy: 'Write it as https://HOST/PATH.' });
  }
  await using http = new HttpClient({ insecure: false, role: 'server' });
  const { status, body } = await http.fetch({ url: new URL(address) });
  if (status !== 200) {
    body.destroy();
    throw new TspodError(`"${address}" cannot be downloaded: its server answered with status ${status}`, {
      remedy: `curl --location --head ${address}`,
    });
  }
  try {
    yield* body as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new TspodError(`"${address}" cannot be downloaded: its server stopped before the end`, {
      cause,
      remedy: 'Try again, or download it with a program that can resume, and name the file.',
    });
  }
}
