/**
 * What every command is made of. The static fields are oclif's, so that its manifest, help and man pages read
 * them; the class itself is not, because oclif's takes 4 ms to load and its parser reads a command line
 * differently from Podman (cli/parse-command-line.ts).
 */
import type { Command, Interfaces } from '@oclif/core';
import { UsageError } from '../errors.ts';
import { globalFlags, NO_SERVICE, OVER_SSH } from './global-flags.ts';
import { writeOut } from './output.ts';
import { parseCommandLine } from './parse-command-line.ts';
import { readSettings } from './settings.ts';

/** A command: its definitions are static, an object of it is one call. */
export abstract class BaseCommand {
  /** The first sentence is shown in lists of commands. */
  static description = '';
  static examples: string[] = [];
  static usage = '';
  /** Other names: `container:run` is `tspod container run`. */
  static aliases: string[] = [];
  static hidden = false;
  static baseFlags: Interfaces.FlagInput = globalFlags;
  static flags: Interfaces.FlagInput = {};
  static args: Interfaces.ArgInput = {};
  /** Whether more arguments than `args` names are an error. */
  static strict = true;
  /** Whether flags may follow the first argument; false where a command line of the container follows. */
  static interspersed = true;

  readonly words: readonly string[];
  readonly call: Call;

  /** @param words the command line without the command's own name */
  constructor(words: readonly string[], call: Call) {
    this.words = words;
    this.call = call;
  }

  abstract run(): Promise<void>;

  /** Read the command line against the class's definitions. */
  protected async parse<Flags extends Interfaces.FlagInput>(
    command: CommandClass & { flags: Flags },
  ): Promise<Parsed<Flags>> {
    const called = this.called;
    const definitions = { ...command.baseFlags, ...command.flags };
    const { flags, given, argv } = await parseCommandLine(
      [...(await readSettings(definitions, process.env)), ...this.words],
      definitions,
      { interspersed: command.interspersed, command: called },
    );
    if (flags['help'] === true) throw new HelpWanted();
    this.call.applyGlobals(globalOptions(flags));
    checkCount(argv.length, command, called);
    return { flags: flags as Parsed<Flags>['flags'], given, argv };
  }

  /** What the user typed to get here: `tspod container run`. */
  protected get called(): string {
    return `tspod ${this.call.called}`;
  }

  /** The words that made this call, as `generate systemd --new` repeats them. */
  protected commandLine(): string[] {
    return ['tspod', ...this.call.called.split(' '), ...this.words];
  }

  /** Print one line of the result. */
  protected log(text: string): void {
    writeOut(`${text}\n`);
  }
}

/** How a command was reached. */
export interface Call {
  /** The name it was called by: `container run`. */
  readonly called: string;
  /** Tell the layers below about the options that concern every command, before anything asks for a path. */
  readonly applyGlobals: (options: GlobalOptions) => void;
}

export interface GlobalOptions {
  readonly root: string | undefined;
  readonly runroot: string | undefined;
  readonly storageDriver: string | undefined;
  readonly cgroupManager: string | undefined;
  readonly logLevel: string | undefined;
}

/** `--help` was among the flags: main.ts prints the page instead of running the command. */
export class HelpWanted extends Error {}

/** A command's class, as main.ts, help and the man pages see it. */
export interface CommandClass {
  new (words: readonly string[], call: Call): BaseCommand;
  description: string;
  examples: string[];
  usage: string;
  aliases: string[];
  hidden: boolean;
  baseFlags: Interfaces.FlagInput;
  flags: Interfaces.FlagInput;
  args: Interfaces.ArgInput;
  strict: boolean;
  interspersed: boolean;
}

interface Parsed<Flags extends Interfaces.FlagInput> {
  readonly flags: Interfaces.InferredFlags<Flags>;
  /** The flags that stood on the command line, by name. */
  readonly given: ReadonlySet<string>;
  readonly argv: readonly string[];
}

/** The number of arguments, in the words of Podman's library (spf13/cobra). */
function checkCount(count: number, { args, strict }: CommandClass, called: string): void {
  const definitions: Command.Arg.Any[] = Object.values(args);
  const least = definitions.filter(({ required }) => required).length;
  const most = strict && !definitions.some(({ multiple }) => multiple) ? definitions.length : Infinity;
  if (count >= least && count <= most) return;
  const remedy = `${called} --help`;
  if (most === 0) throw new UsageError(`"${called}" takes no arguments`, { remedy });
  if (least === most) throw new UsageError(`"${called}" accepts ${most} arg(s), received ${count}`, { remedy });
  if (count < least) {
    throw new UsageError(`"${called}" requires at least ${least} arg(s), only received ${count}`, { remedy });
  }
  throw new UsageError(`"${called}" accepts at most ${most} arg(s), received ${count}`, { remedy });
}

/** @throws {UsageError} when another machine is asked for */
function globalOptions(flags: Record<string, unknown>): GlobalOptions {
  if (flags['remote'] === true) throw new UsageError(`--remote is no use here: ${NO_SERVICE}`, { remedy: OVER_SSH });
  const text = (name: string) => flags[name] as string | undefined;
  return {
    root: text('root'),
    runroot: text('runroot'),
    storageDriver: text('storage-driver'),
    cgroupManager: text('cgroup-manager'),
    logLevel: flags['debug'] === true ? 'debug' : text('log-level'),
  };
}
