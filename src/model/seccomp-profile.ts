/**
 * Seccomp profiles in the two forms that Podman's `--security-opt seccomp=FILE` takes: the one of
 * containers/common (`archMap`, `includes`, `excludes`) and the one of the OCI runtime spec (`architectures`).
 */
import { TspodError } from '../errors.ts';

/** A profile narrowed to one container: what a filter is compiled from. */
export interface SeccompFilter {
  readonly defaultAction: SeccompAction;
  /** Besides the machine's own: `SCMP_ARCH_X86`. */
  readonly architectures: readonly string[];
  readonly rules: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  /** All of them must hold. */
  readonly conditions: readonly SeccompCondition[];
}

export interface SeccompAction {
  readonly name: string;
  /** errno(3) number of SCMP_ACT_ERRNO, or the message of SCMP_ACT_TRACE. */
  readonly data: number;
}

export interface SeccompCondition {
  readonly index: number;
  readonly op: string;
  readonly value: bigint;
  readonly valueTwo: bigint;
}

/** What a profile may depend on. */
export interface SeccompSubject {
  /** As Go names machines: `amd64`, `arm64`. */
  readonly arch: string;
  readonly capabilities: readonly string[];
  /** Kernel release, `6.1.0-..` */
  readonly kernel: string;
}

/**
 * Read a profile and keep what applies to `subject`.
 *
 * @param source names the profile in errors
 * @throws {TspodError} when the text is no seccomp profile
 */
export function parseSeccompProfile(text: string, source: string, subject: SeccompSubject): SeccompFilter {
  const fail = (reason: string, cause?: unknown) =>
    new TspodError(`the seccomp profile "${source}" ${reason}`, {
      cause,
      remedy: 'See man 5 seccomp.json, or use --security-opt seccomp=unconfined.',
    });
  let profile: RawProfile | null;
  try {
    profile = JSON.parse(text, exactly) as RawProfile | null;
  } catch (cause) {
    throw fail('is not JSON', cause);
  }
  if (typeof profile?.defaultAction !== 'string') throw fail('has no "defaultAction"');
  if (!Array.isArray(profile.syscalls ?? [])) throw fail('has "syscalls" that are no list');
  const defaultErrno = profile.defaultErrnoRet ?? EPERM;
  return {
    defaultAction: action(profile.defaultAction, defaultErrno, fail),
    architectures: architectures(profile, subject.arch),
    rules: (profile.syscalls ?? []).filter((rule) => applies(rule, subject)).flatMap((rule) => compileRule(rule, fail)),
  };
}

const EPERM = 1;

const ACTIONS = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
];

const OPERATORS = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
];

/** The architecture's name in `archMap`. */
const NATIVE: Readonly<Record<string, string>> = { amd64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' };

type Fail = (reason: string) => TspodError;

interface RawProfile {
  readonly defaultAction?: string;
  readonly defaultErrnoRet?: number;
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] }[];
  readonly architectures?: readonly string[];
  readonly syscalls?: readonly RawRule[];
}

interface RawRule {
  readonly names?: readonly string[];
  readonly name?: string;
  readonly action?: string;
  readonly errnoRet?: number;
  readonly args?: readonly RawCondition[] | null;
  readonly includes?: RawSelector;
  readonly excludes?: RawSelector;
}

interface RawCondition {
  readonly index?: number;
  readonly value?: number | bigint;
  readonly valueTwo?: number | bigint;
  readonly op?: string;
}

interface RawSelector {
  readonly arches?: readonly string[];
  readonly caps?: readonly string[];
  readonly minKernel?: string;
}

/** Arguments have 64 bits: 18446744073709551615 as a number of JavaScript would be one more, and so 0 for the kernel. */
function exactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isExact = typeof value !== 'number' || Number.isSafeInteger(value);
  return !isExact && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context?.source ?? '') : value;
}

function architectures({ archMap, architectures = [] }: RawProfile, arch: string): readonly string[] {
  if (!archMap) return architectures;
  return archMap.find(({ architecture }) => architecture === NATIVE[arch])?.subArchitectures ?? [];
}

/** An excluded capability excludes when the container has it; of the included ones it needs each. */
function applies({ includes = {}, excludes = {} }: RawRule, subject: SeccompSubject): boolean {
  const has = (capability: string) => subject.capabilities.includes(capability);
  if (excludes.arches?.includes(subject.arch)) return false;
  if (excludes.caps?.some(has)) return false;
  if (excludes.minKernel !== undefined && isAtLeast(subject.kernel, excludes.minKernel)) return false;
  if (includes.arches?.length && !includes.arches.includes(subject.arch)) return false;
  if (includes.caps && !includes.caps.every(has)) return false;
  return includes.minKernel === undefined || isAtLeast(subject.kernel, includes.minKernel);
}

function isAtLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function compileRule(rule: RawRule, fail: Fail): SeccompRule[] {
  const names = rule.names ?? (rule.name === undefined ? [] : [rule.name]);
  const ruleAction = action(rule.action ?? '', rule.errnoRet ?? EPERM, fail);
  const conditions = (rule.args ?? []).map((condition) => compileCondition(condition, fail));
  // libseccomp takes one condition an argument: several for the same one are alternatives, as runc reads them.
  const isEachOnce = new Set(conditions.map(({ index }) => index)).size === conditions.length;
  const alternatives = isEachOnce ? [conditions] : conditions.map((condition) => [condition]);
  return alternatives.map((alternative) => ({ names, action: ruleAction, conditions: alternative }));
}

function action(name: string, data: number, fail: Fail): SeccompAction {
  if (name === 'SCMP_ACT_NOTIFY') throw fail('asks for SCMP_ACT_NOTIFY, which needs an agent and is not supported');
  if (!ACTIONS.includes(name)) throw fail(`has the unknown action "${name}"`);
  const takesData = name === 'SCMP_ACT_ERRNO' || name === 'SCMP_ACT_TRACE';
  if (!Number.isInteger(data) || data < 0 || data > 0xffff) throw fail(`has the errno ${data}`);
  return { name, data: takesData ? data : 0 };
}

function compileCondition({ index = 0, value = 0, valueTwo = 0, op = '' }: RawCondition, fail: Fail): SeccompCondition {
  if (!Number.isInteger(index) || index < 0 || index > 5)
    throw fail(`names the argument ${index}, but they are 0 to 5`);
  if (!OPERATORS.includes(op)) throw fail(`has the unknown operator "${op}"`);
  return { index, op, value: compileValue(value, fail), valueTwo: compileValue(valueTwo, fail) };
}

function compileValue(value: number | bigint, fail: Fail): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw fail(`compares with "${value}", which is no integer`);
  const number = BigInt(value);
  if (number !== BigInt.asUintN(64, number) && number !== BigInt.asIntN(64, number))
    throw fail(`compares with "${number}", which has more than 64 bits`);
  return number;
}
