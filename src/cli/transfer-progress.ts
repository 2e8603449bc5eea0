/** The progress of a pull, or another copy of layers, on standard error: a bar a layer on a terminal, plain lines elsewhere. */
import type { ListrDefaultRendererLogLevels } from 'listr2';
import type { TransferredLayer, TransferEvent, TransferProgress } from '../model/transfer-event.ts';
import { writeError } from './output.ts';

/** Choose how to show it. */
export function openTransferProgress({ quiet }: { readonly quiet: boolean }): TransferProgress {
  if (quiet) return { report: () => undefined, close: () => Promise.resolve() };
  return process.stderr.isTTY ? openBars() : { report: printLine, close: () => Promise.resolve() };
}

/** Podman's words. */
function printLine(event: TransferEvent): void {
  const line = describeEvent(event);
  if (line !== undefined) writeError(`${line}\n`);
}

function describeEvent(event: TransferEvent): string | undefined {
  switch (event.kind) {
    case 'trying':
      return `Trying to pull ${event.name}...`;
    case 'warning':
      return `WARNING: ${event.text}`;
    case 'layer-done':
      return describeCopy('blob', event.digest, event.present ? 'skipped: already exists' : undefined);
    case 'config':
      return describeCopy('config', event.digest);
    case 'manifest':
      return 'Writing manifest to image destination';
    default:
      return undefined;
  }
}

/** Off a terminal with the whole digest: from there Ansible, for one, takes the id of what it has pushed. */
function describeCopy(what: string, digest: string, outcome?: string): string {
  if (process.stderr.isTTY) return `Copying ${what} ${short(digest)} ${outcome ?? 'done'}`;
  return `Copying ${what} ${digest}${outcome === undefined ? '' : ` ${outcome}`}`;
}

/** One bar of listr2 for each layer; while it is shown nothing else may write to the terminal. */
function openBars(): TransferProgress {
  let bars: Bars | undefined;
  let closing: Promise<void> | undefined;
  const closeBars = () => {
    closing = bars?.close() ?? closing;
    bars = undefined;
    return closing;
  };
  return {
    report(event) {
      if (event.kind === 'layers' && closing === undefined && fits(event.layers)) {
        bars = new Bars(event.layers);
      } else if (bars !== undefined && (event.kind === 'copied' || event.kind === 'layer-done')) {
        bars.report(event);
      } else if (closeBars() === undefined) {
        printLine(event);
      } else {
        closing = closing?.then(() => printLine(event));
      }
    },
    async close() {
      await closeBars();
      closing = undefined;
    },
  };
}

/** Lines above the upper edge of the terminal could not be redrawn. */
function fits(layers: readonly TransferredLayer[]): boolean {
  return layers.length > 0 && layers.length < process.stderr.rows - 2;
}

interface Bar {
  readonly layer: TransferredLayer;
  /** As it is, or will be once listr2 shows it: a small layer is done before that is loaded. */
  title: string;
  show: () => void;
  readonly done: PromiseWithResolvers<undefined>;
}

class Bars {
  readonly #bars: ReadonlyMap<string, Bar>;
  readonly #shown: Promise<void>;

  constructor(layers: readonly TransferredLayer[]) {
    const bars = layers.map((layer): Bar => {
      return { layer, title: formatBar(layer, 0), show: () => undefined, done: Promise.withResolvers() };
    });
    this.#bars = new Map(bars.map((bar) => [bar.layer.digest, bar]));
    this.#shown = showBars(bars);
  }

  report(event: Extract<TransferEvent, { kind: 'copied' | 'layer-done' }>): void {
    const bar = this.#bars.get(event.digest);
    if (bar === undefined) return;
    bar.title =
      event.kind === 'copied'
        ? formatBar(bar.layer, event.bytes)
        : `Copying blob ${short(event.digest)} ${event.present ? 'skipped: already exists' : formatBytes(bar.layer.size)}`;
    bar.show();
    if (event.kind === 'layer-done') bar.done.resolve(undefined);
  }

  /** Bars of layers that did not arrive are left as they are. */
  async close(): Promise<void> {
    for (const { done } of this.#bars.values()) done.reject(new Error('stopped'));
    await this.#shown;
  }
}

/** listr2 is loaded here and nowhere else: it takes 50 ms. */
async function showBars(bars: readonly Bar[]): Promise<void> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const tasks = bars.map((bar) => ({
    title: bar.title,
    task: async (_context: unknown, task: { title?: string | undefined }) => {
      bar.show = () => (task.title = bar.title);
      bar.show();
      await bar.done.promise;
    },
  }));
  const logger = new ListrLogger<ListrDefaultRendererLogLevels>({
    useIcons: true,
    processOutput: new ProcessOutput(process.stderr, process.stderr), // Standard output is the image id's.
  });
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    forceTTY: true, // It looks at standard output, which may be a pipe.
    registerSignalListeners: false,
    rendererOptions: { logger, showErrorMessage: false, collapseErrors: false },
  });
  await list.run();
}

function formatBar({ digest, size }: TransferredLayer, received: number): string {
  const width = 30;
  const filled = size === 0 ? width : Math.floor((received / size) * width);
  const bar = `${'='.repeat(filled)}${filled < width ? '>' : ''}`.padEnd(width);
  return `Copying blob ${short(digest)} [${bar}] ${formatBytes(received)} / ${formatBytes(size)}`;
}

function formatBytes(bytes: number): string {
  const units = ['b', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${(bytes / 1024 ** power).toFixed(1)}${units[power] ?? ''}`;
}

/** Twelve digits, as Podman shows them. */
function short(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12);
}
