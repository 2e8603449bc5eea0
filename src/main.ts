/** The entry: find the command, run it, print the error, set the exit status. */
import { readFileSync } from 'node:fs';
import { HelpWanted, type CommandClass, type GlobalOptions } from './cli/base-command.ts';
import { globalFlags, versionFlag } from './cli/global-flags.ts';
import { OutputClosed, writeOut } from './cli/output.ts';
import { parseCommandLine } from './cli/parse-command-line.ts';
import { shownAs } from './cli/program.ts';
import { reportError, reportWarning } from './cli/report.ts';
import { TspodError, UsageError } from './errors.ts';
import { takeGivenDescriptors } from './host/given-descriptors.ts';
import { choosePaths, programPath } from './host/paths.ts';
import { lastingDamage, lastingLeftovers } from './store/damage.ts';

/** `container run` -> `run`: every name of every command; the build fills it in from the classes. */
declare const TSPOD_COMMANDS: Readonly<Record<string, string>>;

process.on('uncaughtException', finish);
restoreNodeOptions();
takeGivenDescriptors();
main(process.argv.slice(2)).then(() => reportDamage(), finish);

function finish(error: unknown): void {
  if (!(error instanceof OutputClosed)) process.exitCode = 125;
  void describe(error).then((described) => {
    process.exitCode = reportError(described, process.env);
    reportDamage(described);
  });
}

/** @param said what the user has heard already */
function reportDamage(said?: unknown): void {
  for (const error of lastingDamage()) {
    if (!(said instanceof TspodError) || said.message !== error.message) {
      process.exitCode = reportError(error, process.env);
    }
  }
  lastingLeftovers().forEach(reportWarning);
}

/** A system call that failed: the place that was chosen for our files may be none. */
async function describe(error: unknown): Promise<unknown> {
  if (error instanceof TspodError || (error as NodeJS.ErrnoException | undefined)?.path === undefined) return error;
  const { explainPlace } = await import('./host/unusable-place.ts');
  return explainPlace(error as NodeJS.ErrnoException) ?? error;
}

/** The launcher has kept the user's options from our own Node; they are for what we start and for containers. */
function restoreNodeOptions(): void {
  const { TSPOD_NODE_OPTIONS: options } = process.env;
  if (options === undefined) return;
  process.env['NODE_OPTIONS'] = options;
  delete process.env['TSPOD_NODE_OPTIONS'];
}

async function main(words: readonly string[]): Promise<void> {
  const { flags, argv } = await parseCommandLine(
    words,
    { ...globalFlags, ...versionFlag },
    { interspersed: false, command: 'tspod' },
  );
  if (flags['version'] === true) {
    writeOut(`${shownAs.name} version ${shownAs.version}\n`);
    return;
  }
  const help = flags['help'] === true || argv[0] === 'help';
  const wanted = argv[0] === 'help' ? argv.slice(1) : argv;

  const called = findCommand(wanted);
  if (called === undefined) {
    await explain(wanted, help);
    return;
  }
  const leading = words.slice(0, words.length - argv.length);
  const own = wanted.slice(called.split(' ').length);
  await runCommand(called, help ? ['--help'] : [...leading, ...own]);
}

/** The longest name of a command that the words begin with. */
function findCommand(words: readonly string[]): string | undefined {
  for (let count = Math.min(words.length, 3); count > 0; count--) {
    const name = words.slice(0, count).join(' ');
    if (Object.hasOwn(TSPOD_COMMANDS, name)) return name;
  }
  return undefined;
}

async function runCommand(called: string, words: readonly string[]): Promise<void> {
  const file = (TSPOD_COMMANDS[called] ?? called).replaceAll(' ', '/');
  const { default: Command } = (await import(`../commands/${file}.ts`)) as { default: CommandClass };
  try {
    await new Command(words, { called, applyGlobals }).run();
  } catch (error) {
    if (!(error instanceof HelpWanted)) throw error;
    const { commandHelp } = await import('./cli/help.ts');
    writeOut(commandHelp(Command, called, process.stdout));
  }
}

function applyGlobals(options: GlobalOptions): void {
  choosePaths({ root: options.root, runroot: options.runroot });
  if (options.storageDriver !== undefined) process.env['TSPOD_STORAGE_DRIVER'] = options.storageDriver;
  if (options.cgroupManager !== undefined) process.env['TSPOD_CGROUP_MANAGER'] = options.cgroupManager;
  if (options.logLevel === 'debug' || options.logLevel === 'trace') process.env['TSPOD_DEBUG'] = '1';
}

/** No command: list what there is below these words, or say that there is no such thing. */
async function explain(words: readonly string[], help: boolean): Promise<void> {
  const { topicHelp, similarCommands } = await import('./cli/help.ts');
  const manifest: unknown = JSON.parse(readFileSync(programPath('oclif.manifest.json'), 'utf8'));
  const [topic = '', ...rest] = words;
  const isAsked = rest.length === 1 && ['--help', '-h'].includes(rest[0] ?? '');
  const text = rest.length === 0 || isAsked ? topicHelp(manifest, topic, process.stdout) : undefined;
  const called = ['tspod', ...words].join(' ');
  if (text === undefined) {
    const { insteadOf } = await import('./cli/absent-commands.ts');
    const similar = similarCommands(Object.keys(TSPOD_COMMANDS), words);
    throw new UsageError(`unrecognized command "${called}"`, {
      remedy: insteadOf(words) ?? (similar === undefined ? 'tspod --help' : `tspod ${similar}`),
    });
  }
  writeOut(text);
  if (help || isAsked) return;
  throw new UsageError(`missing command "${called} COMMAND"`, { remedy: `${called} COMMAND --help` });
}
