import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseSeccompProfile, type SeccompFilter } from '../../../src/model/seccomp-profile.ts';

const subject = { arch: 'amd64', capabilities: ['CAP_SYS_CHROOT'], kernel: '6.1.0-18-amd64' };

function parse(profile: unknown): SeccompFilter {
  return parseSeccompProfile(JSON.stringify(profile), 'p.json', subject);
}

function rulesFor(filter: SeccompFilter, call: string): string[] {
  return filter.rules.filter(({ names }) => names.includes(call)).map(({ action }) => `${action.name} ${action.data}`);
}

test('the default profile answers ENOSYS to what it does not know', () => {
  const filter = defaultProfile();
  assert.deepEqual(filter.defaultAction, { name: 'SCMP_ACT_ERRNO', data: 38 });
  assert.deepEqual(filter.architectures, ['SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
});

test('the default profile follows the capabilities of the container', () => {
  assert.deepEqual(rulesFor(defaultProfile(), 'chroot'), ['SCMP_ACT_ALLOW 0']);
  assert.deepEqual(rulesFor(defaultProfile(), 'bpf'), ['SCMP_ACT_ERRNO 1']);
});

test('a rule for a newer kernel does not apply', () => {
  const rule = { names: ['a'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '6.2' } };
  assert.deepEqual(parse({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [rule] }).rules, []);
});

test('a profile in the form of the runtime spec is read', () => {
  const filter = parse({
    defaultAction: 'SCMP_ACT_KILL_PROCESS',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }],
  });
  assert.deepEqual(filter, {
    defaultAction: { name: 'SCMP_ACT_KILL_PROCESS', data: 0 },
    architectures: ['SCMP_ARCH_X86_64'],
    rules: [{ names: ['read'], action: { name: 'SCMP_ACT_ERRNO', data: 13 }, conditions: [] }],
  });
});

test('two conditions on one argument are alternatives', () => {
  const args = [0, 8].map((value) => ({ index: 0, value, op: 'SCMP_CMP_EQ' }));
  const { rules } = parse({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ALLOW', args }],
  });
  assert.deepEqual(
    rules.map(({ conditions }) => conditions.map(({ value }) => value)),
    [[0n], [8n]],
  );
});

test('a condition on 64 bits is exact', () => {
  const text = (value: string) =>
    `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW",
      "args":[{"index":0,"op":"SCMP_CMP_MASKED_EQ","value":${value},"valueTwo":9007199254740993}]}]}`;
  const { rules } = parseSeccompProfile(text('18446744073709551615'), 'p.json', subject);
  assert.deepEqual(rules[0]?.conditions, [
    { index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 18446744073709551615n, valueTwo: 9007199254740993n },
  ]);
  assert.throws(() => parseSeccompProfile(text('18446744073709551616'), 'p.json', subject), {
    message: 'the seccomp profile "p.json" compares with "18446744073709551616", which has more than 64 bits',
  });
  assert.throws(() => parseSeccompProfile(text('1.5'), 'p.json', subject), /"1.5", which is no integer/);
});

for (const [name, profile, message] of [
  ['that is no object', 7, 'has no "defaultAction"'],
  ['with an unknown action', { defaultAction: 'SCMP_ACT_X' }, 'has the unknown action "SCMP_ACT_X"'],
  [
    'with an unknown operator',
    { defaultAction: 'SCMP_ACT_LOG', syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG', args: [{ op: 'EQ' }] }] },
    'has the unknown operator "EQ"',
  ],
] as const) {
  test(`a profile ${name} is refused with a sentence`, () => {
    assert.throws(() => parse(profile), { message: `the seccomp profile "p.json" ${message}` });
  });
}

function defaultProfile(): SeccompFilter {
  const path = new URL('../../../src/host/seccomp.json', import.meta.url);
  return parseSeccompProfile(readFileSync(path, 'utf8'), 'default', subject);
}
