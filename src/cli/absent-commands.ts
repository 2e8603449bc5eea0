/** Commands of Podman's that are not here, and what serves instead. */

/** What to do instead, a sentence; undefined for words that are none of them, too. */
export function insteadOf(words: readonly string[]): string | undefined {
  const [topic = '', verb = ''] = words;
  const word = topic === 'image' ? verb : topic;
  return INSTEAD[`${topic} ${verb}`] ?? (Object.hasOwn(INSTEAD, word) ? INSTEAD[word] : undefined);
}

const BUILD = 'Podman and buildah build images, and load takes them: podman save IMAGE | tspod load';
const CHECKPOINT = 'A checkpoint needs root; commit keeps the files: tspod commit CONTAINER IMAGE';
const KUBE = 'systemd starts several containers together: tspod generate systemd --new --files --name CONTAINER';
const NO_DAEMON = 'There is no daemon, so no socket to serve or to reach; over ssh: ssh HOST tspod ps';
const NO_MIGRATION = 'Containers need none; to see whether all is well: tspod doctor';

const INSTEAD: Readonly<Record<string, string>> = {
  'auto-update': 'Pull and restart: tspod pull IMAGE && systemctl --user restart container-NAME',
  build: BUILD,
  builder: 'Nothing is built here, so no cache is left; images without a name go with: tspod image prune',
  buildx: BUILD,
  compose: KUBE,
  context: NO_DAEMON,
  'container checkpoint': CHECKPOINT,
  'container restore': CHECKPOINT,
  'container runlabel': "Read the label, and run what it says: tspod inspect --format '{{.Config.Labels}}' IMAGE",
  'generate kube': KUBE,
  kube: KUBE,
  machine: 'Containers run on this machine, without another in between: tspod run IMAGE',
  manifest: 'Lists of images are copied by skopeo: skopeo copy --all docker://NAME docker://OTHER',
  network:
    'Each container has a network of its own; to share that of another: tspod run --network container:NAME IMAGE',
  play: KUBE,
  pod: 'Containers share namespaces without one: tspod run --network container:NAME --ipc container:NAME IMAGE',
  scp: 'Over ssh: tspod save IMAGE | ssh HOST tspod load',
  'system check': NO_MIGRATION,
  'system connection': NO_DAEMON,
  'system renumber': NO_MIGRATION,
  'system service': NO_DAEMON,
};
