/**
 * `generate systemd`: a user unit for a container.
 *
 * As Podman writes it, but for what DESIGN.md §5 asks: the monitor is the service's main process, inside the service's own
 * delegated cgroup, and tells systemd so.
 *
 * @see man 5 systemd.service, "Command lines"; man 7 systemd.syntax, "Quoting"
 */

export interface UnitRequest {
  /** `container-web`: the unit's name without its suffix. */
  readonly name: string;
  /** Name or id of a container that exists; undefined: each start makes a new one (`--new`). */
  readonly container?: string | undefined;
  /** The command line of `run`; with `--new`. */
  readonly run: {
    /** Global options that every call needs: `--root` and its value. */
    readonly globals: readonly string[];
    readonly options: readonly string[];
    readonly name: string;
    /** The image and the command. */
    readonly words: readonly string[];
  };
  /** The unit is of many services, each with a container `NAME-INSTANCE`; with `--new`. */
  readonly isTemplate: boolean;
  /** Absolute path of tspod. */
  readonly program: string;
  readonly restartPolicy: string;
  /** That many starts, and systemd gives up. */
  readonly startLimit?: number | undefined;
  /** seconds */
  readonly restartSec?: number | undefined;
  /** seconds */
  readonly startTimeout?: number | undefined;
  /** seconds a container may take to end */
  readonly stopTimeout: number;
  readonly wants: readonly string[];
  readonly after: readonly string[];
  readonly requires: readonly string[];
  /** `NAME=VALUE` */
  readonly environment: readonly string[];
  /** Lines of comment at the top; empty: none. */
  readonly header: readonly string[];
}

/** Between the container's own timeout and systemd's SIGKILL, in seconds. */
const GRACE = 60;

/** The text of the unit. */
export function systemdUnit(request: UnitRequest): string {
  const { name, header, isTemplate } = request;
  const unit = `${name}${isTemplate ? '@' : ''}.service`;
  const service =
    request.container === undefined ? newContainer(request) : existingContainer(request, request.container);
  const lines = [
    ...(header.length > 0 ? [`# ${unit}`, ...header.map((line) => `# ${line}`), ''] : []),
    '[Unit]',
    `Description=tspod ${escapeSpecifiers(name)}.service${isTemplate ? ' for %I' : ''}`,
    'Documentation=man:tspod-generate-systemd(1)',
    'Wants=network-online.target',
    'After=network-online.target',
    `RequiresMountsFor=${['%t/tspod', ...placesOf(request.run.globals)].join(' ')}`,
    ...(request.wants.length > 0 ? [`Wants=${unitList(request.wants)}`] : []),
    ...(request.after.length > 0 ? [`After=${unitList(request.after)}`] : []),
    ...(request.requires.length > 0 ? [`Requires=${unitList(request.requires)}`] : []),
    ...(request.startLimit === undefined ? [] : [`StartLimitBurst=${request.startLimit}`]),
    '',
    '[Service]',
    'Environment=TSPOD_SYSTEMD_UNIT=%n',
    ...request.environment.map((variable) => `Environment=${quote(variable)}`),
    `Restart=${request.restartPolicy}`,
    ...(request.restartSec === undefined ? [] : [`RestartSec=${request.restartSec}`]),
    ...(request.startTimeout === undefined ? [] : [`TimeoutStartSec=${request.startTimeout}`]),
    `TimeoutStopSec=${request.stopTimeout + GRACE}`,
    ...service,
    'Type=notify',
    'NotifyAccess=all',
    'Delegate=yes',
    'KillMode=mixed',
    '',
    '[Install]',
    'WantedBy=default.target',
  ];
  return `${lines.join('\n')}\n`;
}

/** Where the store is, when it has a place of its own: that may be a disk, or another machine's. */
function placesOf(globals: readonly string[]): string[] {
  return globals.filter((_, at) => ['--root', '--runroot'].includes(globals[at - 1] ?? '')).map(quote);
}

function newContainer({ program, run, isTemplate, stopTimeout }: UnitRequest): string[] {
  const idFile = '%t/%n.ctr-id';
  const call = callOf(program, run.globals);
  const name = `${commandWord(run.name)}${isTemplate ? '-%i' : ''}`;
  const own = [...['--name', name], ...[...run.options, ...run.words].map(commandWord)];
  const owned = ['--cidfile', idFile, '--cgroups=no-conmon', '--rm', '--sdnotify=conmon', '--replace', '-d'];
  return [
    `ExecStartPre=/bin/rm -f ${idFile}`,
    `ExecStart=${continued([...call, 'run', ...owned, ...own])}`,
    `ExecStop=${continued([...call, 'stop', '--ignore', '-t', String(stopTimeout), '--cidfile', idFile])}`,
    `ExecStopPost=${continued([...call, 'rm', '-f', '--ignore', '-t', String(stopTimeout), '--cidfile', idFile])}`,
  ];
}

function existingContainer({ program, run: { globals }, stopTimeout }: UnitRequest, container: string): string[] {
  const call = callOf(program, globals);
  const stop = [...call, 'stop', '--ignore', '-t', String(stopTimeout), commandWord(container)];
  return [
    'Environment=TSPOD_SDNOTIFY=conmon',
    `ExecStart=${continued([...call, 'start', commandWord(container)])}`,
    `ExecStop=${continued(stop)}`,
    `ExecStopPost=${continued(stop)}`,
  ];
}

/** One word of a command line: systemd reads `%` as a specifier and `$` as a variable, quoted or not. */
export function commandWord(word: string): string {
  return quote(word.replaceAll('$', '$$$$'));
}

/** The path of the program takes no variables: systemd.service(5), "Command lines". */
function callOf(program: string, globals: readonly string[]): string[] {
  return [quote(program), ...globals.map(commandWord)];
}

/** One word: `%` doubled, and in double quotes with C escapes where anything in it could part it. */
function quote(word: string): string {
  const text = escapeSpecifiers(word);
  if (/^[\w@%+=:,./$-]+$/.test(text)) return text;
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/[\0-\x1f\x7f]/g, (char) => {
    const names: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
    return names[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

function unitList(units: readonly string[]): string {
  return units.map(escapeSpecifiers).join(' ');
}

/** A backslash at the end continues a line. */
function continued(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    const takesWord =
      line !== undefined && (lines.length === 1 || /^-{1,2}\w[\w-]*$/.test(line)) && !word.startsWith('-');
    if (takesWord && lines.length === 1 && !line.includes(' ')) lines[0] = `${line} ${word}`;
    else if (takesWord && lines.length > 1) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join(' \\\n\t');
}
