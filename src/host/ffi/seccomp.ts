/** libseccomp: a profile in, the program for seccomp(2) out. Import it where it is needed, by `await import()`. */
import koffi from 'koffi';
import { constants } from 'node:os';
import { TspodError } from '../../errors.ts';
import type { SeccompAction, SeccompCondition, SeccompFilter, SeccompRule } from '../../model/seccomp-profile.ts';

/**
 * Compile a filter and write it to `fd` as an array of `struct sock_filter`: seccomp_export_bpf(3).
 *
 * System calls and architectures that the installed library does not know are left to the default action.
 *
 * @throws {TspodError} when libseccomp is not installed
 */
export function exportSeccompFilter(filter: SeccompFilter, fd: number): void {
  const library = seccomp();
  const context = library.init(actionNumber(filter.defaultAction));
  if (!context) throw new TspodError('libseccomp refused the default action of the seccomp profile');
  try {
    // A search tree instead of a list: the kernel walks the program for each number when it is installed. Since 2.5.0.
    library.attrSet(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (const name of filter.architectures) addArchitecture(library, context, name);
    for (const rule of filter.rules) addRule(library, context, rule, filter.defaultAction);
    check('seccomp_export_bpf', library.exportBpf(context, fd));
  } finally {
    library.release(context);
  }
}

const SCMP_FLTATR_CTL_OPTIMIZE = 8;
const NR_SCMP_ERROR = -1;

/** seccomp.h of libseccomp */
const ACTIONS: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL: 0x00000000,
  SCMP_ACT_KILL_THREAD: 0x00000000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

const OPERATORS: Readonly<Record<string, number>> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

type Context = object;

interface Seccomp {
  readonly init: (action: number) => Context | null;
  readonly release: (context: Context) => void;
  readonly attrSet: (context: Context, attribute: number, value: number) => number;
  readonly archResolveName: (name: string) => number;
  readonly archAdd: (context: Context, token: number) => number;
  readonly syscallResolveName: (name: string) => number;
  readonly ruleAddArray: (context: Context, action: number, call: number, count: number, args: Buffer) => number;
  readonly exportBpf: (context: Context, fd: number) => number;
}

let bound: Seccomp | undefined;

function seccomp(): Seccomp {
  if (bound) return bound;
  let library;
  try {
    library = koffi.load('libseccomp.so.2');
  } catch (cause) {
    throw new TspodError('the library "libseccomp.so.2", which compiles seccomp profiles, is not installed', {
      cause,
      remedy:
        'An administrator installs it: apt-get install libseccomp2 (Debian, Ubuntu), dnf install libseccomp (Fedora).',
    });
  }
  bound = {
    init: library.func('void *seccomp_init(uint32_t def_action)') as Seccomp['init'],
    release: library.func('void seccomp_release(void *ctx)') as Seccomp['release'],
    attrSet: library.func('int seccomp_attr_set(void *ctx, int attr, uint32_t value)') as Seccomp['attrSet'],
    archResolveName: library.func('uint32_t seccomp_arch_resolve_name(const char *name)') as Seccomp['archResolveName'],
    archAdd: library.func('int seccomp_arch_add(void *ctx, uint32_t token)') as Seccomp['archAdd'],
    syscallResolveName: library.func(
      'int seccomp_syscall_resolve_name(const char *name)',
    ) as Seccomp['syscallResolveName'],
    ruleAddArray: library.func(
      'int seccomp_rule_add_array(void *ctx, uint32_t action, int syscall, unsigned int count, const uint8_t *args)',
    ) as Seccomp['ruleAddArray'],
    exportBpf: library.func('int seccomp_export_bpf(void *ctx, int fd)') as Seccomp['exportBpf'],
  };
  return bound;
}

function actionNumber({ name, data }: SeccompAction): number {
  return ((ACTIONS[name] ?? 0) | data) >>> 0;
}

function addArchitecture(library: Seccomp, context: Context, name: string): void {
  const token = library.archResolveName(name.replace(/^SCMP_ARCH_/, '').toLowerCase());
  if (token === 0) return;
  const result = library.archAdd(context, token);
  if (result !== -constants.errno.EEXIST) check(`seccomp_arch_add "${name}"`, result); // The machine's own is there from the start.
}

function addRule(library: Seccomp, context: Context, rule: SeccompRule, defaultAction: SeccompAction): void {
  const action = actionNumber(rule.action);
  if (action === actionNumber(defaultAction)) return; // libseccomp refuses a rule that changes nothing.
  const conditions = Buffer.concat(rule.conditions.map(encodeCondition));
  for (const name of rule.names) {
    const call = library.syscallResolveName(name);
    if (call === NR_SCMP_ERROR) continue;
    const result = library.ruleAddArray(context, action, call, rule.conditions.length, conditions);
    if (result !== -constants.errno.EEXIST) check(`seccomp_rule_add "${name}"`, result); // The first rule for a call stands.
  }
}

/** `struct scmp_arg_cmp { unsigned int arg; enum op; uint64_t datum_a, datum_b; }` */
function encodeCondition({ index, op, value, valueTwo }: SeccompCondition): Buffer {
  const encoded = Buffer.alloc(24);
  encoded.writeUInt32LE(index, 0);
  encoded.writeInt32LE(OPERATORS[op] ?? 0, 4);
  encoded.writeBigUInt64LE(BigInt.asUintN(64, value), 8);
  encoded.writeBigUInt64LE(BigInt.asUintN(64, valueTwo), 16);
  return encoded;
}

function check(call: string, result: number): void {
  if (result === 0) return;
  const code = Object.entries(constants.errno).find(([, value]) => value === -result)?.[0] ?? String(result);
  throw new TspodError(`the seccomp profile cannot be compiled: ${call} failed with ${code}`, {
    remedy: 'Try --security-opt seccomp=unconfined, or another profile.',
  });
}
