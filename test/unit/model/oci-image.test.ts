import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeConfig, decodeManifest, MEDIA_TYPES, selectManifest } from '../../../src/model/oci-image.ts';
import { parsePlatform } from '../../../src/model/platform.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

function manifest(changes: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType: MEDIA_TYPES.ociConfig, digest: A, size: 2 },
    layers: [{ mediaType: MEDIA_TYPES.ociLayerGzip, digest: B, size: 3 }],
    ...changes,
  });
}

function layer(mediaType: string): string {
  return manifest({ layers: [{ mediaType, digest: B, size: 3 }] });
}

test('an OCI manifest is read', () => {
  assert.deepEqual(decodeManifest(manifest(), 'x', MEDIA_TYPES.ociManifest), {
    kind: 'manifest',
    manifest: {
      mediaType: MEDIA_TYPES.ociManifest,
      config: { mediaType: MEDIA_TYPES.ociConfig, digest: A, size: 2 },
      layers: [{ mediaType: MEDIA_TYPES.ociLayerGzip, digest: B, size: 3 }],
    },
  });
});

test('a Docker schema 2 manifest without annotations is read', () => {
  const text = manifest({
    mediaType: MEDIA_TYPES.dockerManifest,
    config: { mediaType: MEDIA_TYPES.dockerConfig, digest: A, size: 2 },
    layers: [{ mediaType: MEDIA_TYPES.dockerLayerGzip, digest: B, size: 3 }],
    annotations: null,
  });
  assert.equal(decodeManifest(text, 'x').kind, 'manifest');
});

test('what cannot be run is refused with its reason', () => {
  const refusals: [string, RegExp, string?][] = [
    ['{', /^"x" is malformed: it is not JSON$/],
    ['[]', /^"x" is malformed: the document is a list, not an object$/],
    ['{"schemaVersion":1,"name":"x"}', /manifest schema 1/],
    [manifest({ manifests: [] }), /an index and a manifest at once/],
    [
      manifest({ config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: A, size: 2 } }),
      /not a container image: its config is of type/,
    ],
    [
      manifest({ mediaType: 'application/vnd.cncf.helm' }),
      /not a container image: its media type is "application\/vnd.cncf.helm"/,
    ],
    [layer('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'), /does not distribute/],
    [layer('application/vnd.oci.image.layer.v1.tar+gzip+encrypted'), /encrypted/],
    [layer('application/octet-stream'), /unknown type "application\/octet-stream"/],
    [
      manifest({ layers: [{ mediaType: MEDIA_TYPES.ociLayer, digest: 'sha256:zz', size: 3 }] }),
      /layers\[0\].digest: "sha256:zz" is not a digest/,
    ],
    [
      manifest({ layers: [{ mediaType: MEDIA_TYPES.ociLayer, digest: A, size: -1 }] }),
      /layers\[0\].size is -1, not a whole number from 0 on/,
    ],
    [manifest({ layers: [{ mediaType: MEDIA_TYPES.ociLayer, digest: A }] }), /layers\[0\].size is absent/],
    [manifest(), /announced as an index and is none/, MEDIA_TYPES.ociIndex],
    ['{"manifests":[]}', /announced as a manifest and is an index/, MEDIA_TYPES.ociManifest],
  ];
  for (const [text, message, mediaType] of refusals) {
    assert.throws(() => decodeManifest(text, 'x', mediaType), { message });
  }
});

test('a config with null lists, as Docker writes it, is read', () => {
  const text = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: null, Cmd: ['sh'], Volumes: { '/data': {} }, Labels: null },
    rootfs: { type: 'layers', diff_ids: [A] },
    history: [{ created_by: 'x', empty_layer: true }],
  });
  assert.deepEqual(decodeConfig(text, 'x'), {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['sh'], Volumes: { '/data': {} } },
    rootfs: { type: 'layers', diff_ids: [A] },
    history: [{ created_by: 'x', empty_layer: true }],
  });
});

test('a config that does not fit its manifest is refused', () => {
  const document = decodeManifest(manifest(), 'x');
  assert.ok(document.kind === 'manifest');
  const config = '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}';
  assert.throws(() => decodeConfig(config, 'x', document.manifest), /its manifest has 1 layers and its config has 0/);
});

test('the best variant of a platform is chosen, and the refusal lists what there is', () => {
  const entry = (name: string, digest: string) => ({
    mediaType: MEDIA_TYPES.ociManifest,
    digest,
    size: 1,
    platform: parsePlatform(name),
  });
  const text = JSON.stringify({
    manifests: [
      entry('unknown/unknown', A),
      entry('linux/arm/v5', A),
      entry('linux/arm/v7', B),
      entry('linux/arm64/v8', B),
    ],
  });
  const document = decodeManifest(text, 'x');
  assert.ok(document.kind === 'index');
  assert.equal(selectManifest(document.index, parsePlatform('linux/arm'), 'x').digest, B);
  assert.equal(selectManifest(document.index, parsePlatform('linux/arm/v6'), 'x').digest, A);
  assert.equal(selectManifest(document.index, parsePlatform('aarch64'), 'x').digest, B);
  assert.throws(() => selectManifest(document.index, parsePlatform('amd64'), 'x'), {
    message: '"x" has no image for "linux/amd64"',
    remedy: 'It is there for: linux/arm/v5, linux/arm/v7, linux/arm64/v8',
  });
});

test('a malformed platform is refused', () => {
  assert.throws(() => parsePlatform('linux//v7'), /"linux\/\/v7" is not a platform/);
  assert.throws(() => parsePlatform('a/b/c/d'), /"a\/b\/c\/d" is not a platform/);
});
