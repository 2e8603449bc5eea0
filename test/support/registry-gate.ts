/** A way to a registry on which uploads wait until the test lets them go on. */
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface RegistryGate {
  /** `localhost:PORT` */
  readonly host: string;
  /** The content of a blob is about to be sent. */
  readonly arrived: Promise<unknown>;
  /** Let this and all that follows through. */
  readonly open: () => void;
}

/** @param host of the registry */
export async function startGate(t: TestContext, host: string): Promise<RegistryGate> {
  const arrived = Promise.withResolvers<unknown>();
  const opened = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    const { url = '/', method, headers } = request;
    const pass = () => {
      const there = httpRequest(new URL(url, `http://${host}`), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
      request.pipe(there);
    };
    if (method !== 'PATCH') {
      pass();
      return;
    }
    arrived.resolve(undefined);
    void opened.promise.then(pass);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { host: `localhost:${String(port)}`, arrived: arrived.promise, open: () => opened.resolve(undefined) };
}
