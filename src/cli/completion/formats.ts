/** What `--format` may be, as far as the fields of its templates are known. */
import { withGoNames } from '../go-names.ts';
import { inspectFields } from '../inspect-fields.ts';
import { containerView } from '../views/container-view.ts';
import { totalsView } from '../views/disk-usage-view.ts';
import { eventFields } from '../views/event-view.ts';
import { historyView } from '../views/history-view.ts';
import { imageView } from '../views/image-view.ts';
import { searchView } from '../views/search-view.ts';
import { secretJson, secretView } from '../views/secret-view.ts';
import { statsView } from '../views/stats-view.ts';
import { volumeView } from '../views/volume-view.ts';
import type { Names } from './manifest.ts';

/** What a format of a command may be: a field for the path that is begun in a template, or a word. */
export async function listFormats(id: string, begun: string, names: Names): Promise<readonly string[]> {
  const [, before, begunPath] = PATH.exec(begun) ?? [];
  if (before === undefined || begunPath === undefined) {
    return Object.hasOwn(VIEWS, id) || /^(?:\w+:)?inspect$/.test(id) ? ['json', 'table '] : ['json'];
  }
  const path = begunPath.split('.').slice(0, -1);
  const start = [before, ...path].join('.');
  const shown = Object.hasOwn(VIEWS, id) ? VIEWS[id]?.() : await shownBy(id, names);
  return Object.entries(find(shown, path)).map(([name, value]) => `${start}.${name}${isStruct(value) ? '.' : '}}'}`);
}

/** The last path of a template that is not closed: `{{.Host.Ar`, `{{range .Mo`. */
const PATH = /^(.*\{\{(?:[^}]*[\s(])?)\.([\w.]*)$/s;

const FULL = { nowMs: 0, full: true };
/** The commands that have tables, with something that has their fields. */
const VIEWS: Readonly<Record<string, () => object>> = {
  history: () => historyView({ ...FULL, human: true }).fields,
  images: () => imageView({ ...FULL, digests: false, history: false }).fields,
  ps: () => containerView(FULL).fields,
  search: () => searchView({ full: true }).fields,
  'secret:ls': () => secretView(0).fields,
  stats: () => statsView({ full: true }).fields,
  'system:df': () => totalsView.fields,
  'volume:ls': () => volumeView.fields,
};

/** What templates of the other commands see: of an example, of this host, or of one of the things that there are. */
async function shownBy(id: string, names: Names): Promise<unknown> {
  switch (id) {
    case 'events':
      return eventFields;
    case 'secret:inspect':
      return secretJson({ id: '', name: '', created: '', updated: '', labels: {} });
    case 'volume:inspect':
      return volumeView.fields;
    case 'info':
      return withGoNames(await names.info());
    case 'version': {
      const client = names.version();
      return { Client: client, Server: client, ...client };
    }
    case 'image:inspect':
      return inspectFields(await names.inspected('image'));
    case 'inspect':
      return inspectFields((await names.inspected('container')) ?? (await names.inspected('image')));
    default:
      return undefined;
  }
}

function find(value: unknown, path: readonly string[]): object {
  const found = path.reduce(
    (at, name) => (isStruct(at) ? (at as Readonly<Record<string, unknown>>)[name] : undefined),
    value,
  );
  return isStruct(found) ? found : {};
}

/** Whether there are fields below; the keys of a map are no fields. */
function isStruct(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^[A-Z]\w*$/.test(key));
}
