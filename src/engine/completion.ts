/** Names that a shell may complete. */
import { programPath } from '../host/paths.ts';
import { listContainers } from '../store/container-list.ts';
import { listVolumes } from '../store/volumes.ts';
import { describeVersion } from './version.ts';

export interface Named {
  readonly value: string;
  readonly about: string;
}

/** Where the build has put oclif's manifest. */
export function manifestPath(): string {
  return programPath('oclif.manifest.json');
}

/** What there is; each list is made when it is asked for. */
export function findNames() {
  return {
    containers: (statuses?: readonly string[]): Named[] =>
      listContainers()
        .filter(({ status }) => statuses === undefined || statuses.includes(status))
        .flatMap(({ config, status }) => {
          const image = 'image' in config.root ? config.root.image.name : config.root.rootfs.path;
          return [{ value: config.name, about: `${status}, ${image}` }];
        }),
    info: async (): Promise<unknown> => {
      const { collectInfo } = await import('./info.ts');
      return await collectInfo('', '');
    },
    version: () => describeVersion(''),
    inspected: (kind: 'container' | 'image'): Promise<unknown> =>
      kind === 'container' ? inspectAnyContainer() : inspectAnyImage(),
    images: async (): Promise<Named[]> => {
      const { listImages } = await import('../store/images.ts');
      return listImages().flatMap(({ id, names }) =>
        names.flatMap((name) => shortForms(name).map((value) => ({ value, about: id.slice(7, 19) }))),
      );
    },
    secrets: async (): Promise<Named[]> => {
      const { readSecrets } = await import('../store/secrets.ts');
      return readSecrets().map(({ name, id }) => ({ value: name, about: id }));
    },
    volumes: (): Named[] =>
      listVolumes().map(({ name, anonymous }) => ({ value: name, about: anonymous ? 'anonymous' : '' })),
  };
}

async function inspectAnyContainer(): Promise<unknown> {
  const { inspectContainer } = await import('./inspect.ts');
  const [container] = listContainers();
  return container && (await inspectContainer(container.config.id));
}

async function inspectAnyImage(): Promise<unknown> {
  const { listImages } = await import('../store/images.ts');
  const { inspectImage } = await import('./images/images.ts');
  const [image] = listImages();
  return image && (await inspectImage(image.id));
}

/** As one may type it: in full, without the tag `latest`, and without the registry where a short name finds it. */
function shortForms(name: string): string[] {
  const forms = [name, name.replace(/^(?:localhost|docker[.]io\/library|docker[.]io)\//, '')];
  return [...new Set(forms.flatMap((form) => [form, form.replace(/:latest$/, '')]))];
}
