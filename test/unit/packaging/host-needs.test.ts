import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { familyOf, installCommand } from '../../../packaging/host-needs.mjs';

const UBUNTU = 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n';
const DEBIAN = 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n';
const FEDORA = 'NAME="Fedora Linux"\nVERSION="41 (Workstation Edition)"\nID=fedora\n';
const ROCKY = 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n';

const needs = [
  { what: 'a compiler', stage: 'build', isThere: () => false, packages: { debian: 'gcc', fedora: 'gcc' } },
  { what: 'libc', stage: 'build', isThere: () => false, packages: { debian: 'libc6-dev', fedora: 'glibc-static' } },
] as const;

test('set-up knows Debian, Ubuntu, Fedora and their kin, and admits that it does not know others', () => {
  assert.deepEqual([DEBIAN, UBUNTU, FEDORA, ROCKY, 'ID=plan9\n', ''].map(familyOf), [
    'debian',
    'debian',
    'fedora',
    'fedora',
    undefined,
    undefined,
  ]);
});

test('set-up installs with apt on Ubuntu, where the package lists may be empty', () => {
  assert.equal(
    installCommand(needs, UBUNTU),
    'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc libc6-dev',
  );
});

test('set-up installs with dnf on Fedora, where the static C library is a package of its own', () => {
  assert.equal(
    installCommand(needs, FEDORA),
    'dnf install -y --setopt=strict=0 --setopt=skip_unavailable=1 gcc glibc-static',
  );
});

test('set-up starts with no packages installed, in plain JavaScript', () => {
  const started = spawnSync(process.execPath, ['--no-experimental-strip-types', '--check', 'packaging/setup.mjs']);
  assert.equal(started.status, 0, String(started.stderr));
});
