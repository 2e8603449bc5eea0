/** Debian's own registry on a free port of the loopback interface, filled by skopeo. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../../packaging/host-needs.mjs';
import { writeOciLayout, type TestImage } from './images.ts';
import { eventually } from './tspod.ts';

const execute = promisify(execFile);

export interface Registry {
  /** `localhost:PORT` */
  readonly host: string;
  /** Push an image as `NAME:TAG`; gives the full reference. `format` is the manifest's, as skopeo converts it. */
  readonly push: (image: TestImage, name: string, options?: { format?: 'oci' | 'v2s2' }) => Promise<string>;
  /** Where it keeps its files: a test may damage them. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

interface RegistryOptions {
  /** The only user and password it lets in; htpasswd(1) in bcrypt form. */
  readonly htpasswd?: { readonly line: string; readonly user: string; readonly password: string };
  /** PEM files; without them it speaks plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** It ends with this process, or when the caller stops it. */
export async function startRegistry({ htpasswd, tls }: RegistryOptions = {}): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-registry-'));
  const port = await freePort();
  const host = `localhost:${String(port)}`;
  const settings = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${String(port)}`, ...(tls ? { tls } : {}) },
    ...(htpasswd ? { auth: { htpasswd: { realm: 'tspod-test', path: join(folder, 'htpasswd') } } } : {}),
  };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(settings)); // JSON is YAML.
  if (htpasswd) writeFileSync(join(folder, 'htpasswd'), `${htpasswd.line}\n`);
  const program = onPath('docker-registry') ? 'docker-registry' : 'registry';
  const server = spawn(program, ['serve', join(folder, 'config.yml')], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
  });
  const ended = new Promise((resolve) => server.once('close', resolve));
  server.unref(); // Where a filter leaves no test of a file, its before() is not waited for, and its after() comes too early.
  process.once('exit', () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await eventually(async () => {
    assert.equal(server.exitCode, null, `${program} did not start`);
    return await listens(port);
  }, `${program} answers`);

  const push: Registry['push'] = async (image, name, { format } = {}) => {
    const layout = mkdtempSync(join(folder, 'push-'));
    mkdirSync(layout, { recursive: true });
    writeOciLayout(layout, image);
    const options = [
      ...(format ? ['--format', format] : []),
      ...(htpasswd ? ['--dest-creds', `${htpasswd.user}:${htpasswd.password}`] : []),
    ];
    const words = ['--insecure-policy', '--tmpdir', folder, 'copy', '--quiet', '--dest-tls-verify=false', ...options];
    // Without a runtime directory it would look for credentials below /run/containers, where root may have been first.
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    await execute('skopeo', [...words, `oci:${layout}:latest`, `docker://${host}/${name}`], { env });
    await rm(layout, { recursive: true });
    return `${host}/${name}`;
  };
  const stop = async () => {
    server.ref();
    server.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { host, push, folder, stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Another process may take it before we do; the registry then does not start and the test says so. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
