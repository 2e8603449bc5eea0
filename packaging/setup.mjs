/**
 * `npm run quickstart` and `npm test`: from a fresh checkout to the first container, or to the tests.
 *
 * Plain JavaScript for any Node from 18 on: this runs before anything is installed.
 *
 * @typedef {import('./host-settings.mjs').Remedy} Step
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installCommand, missingNeeds, onPath } from './host-needs.mjs';
import { missingSettings, shellQuote } from './host-settings.mjs';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const PINNED_NODE = join(PROJECT, `node_modules/node-linux-${process.arch}/bin/node`);
const [purpose, ...testArguments] = process.argv.slice(2);
// What AppArmor must let make user namespaces: our program; for the tests also the runner, from which all that they
// start has it. Root may anyway, but root's tests run as somebody else.
const MONITOR = join(PROJECT, 'dist/tspod-monitor');
const IN_NAMESPACES = purpose === 'test' ? [MONITOR, PINNED_NODE] : process.getuid?.() === 0 ? [] : [MONITOR];

prepareHost(purpose === 'test' ? ['build', 'run', 'test'] : ['build', 'run']);
installPackages();
runOrExit('npm', ['run', '--silent', 'build']);
if (purpose === 'test') runOrExit(PINNED_NODE, ['test/run.ts', ...testArguments]);
else showHello();

/** @param {Parameters<typeof missingNeeds>[0]} stages */
function prepareHost(stages) {
  const needs = missingNeeds(stages);
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const install = needs.length > 0 ? installCommand(needs, osRelease) : undefined;
  for (const { what, without } of needs) say(`missing: ${what}${without ? ` (without it: ${without})` : ''}`);
  if (needs.length > 0 && !install) say('This distribution is unknown here: please install these yourself.');

  const packages = install ? [{ why: 'install the missing packages', command: install }] : [];
  const sudo = sudoCommand();
  if (sudo) {
    for (const step of packages) asAdministrator(sudo, step);
    // Asked only now: a package may have brought the remedy (uidmap writes /etc/subuid for new users).
    for (const step of missingSettings(IN_NAMESPACES)) asAdministrator(sudo, step);
  } else askAdministrator([...packages, ...missingSettings(IN_NAMESPACES)]);

  const broken = missingNeeds(['build']);
  if (broken.length > 0) fail(`Cannot build without ${broken.map(({ what }) => what).join(' and ')}.`);
  const lost = missingNeeds(['run']);
  if (lost.length > 0) say(`going on without ${lost.map(({ what }) => what).join(', ')}`);
}

/**
 * Run one line as root, saying so first.
 *
 * @param {readonly string[]} sudo
 * @param {Step} step
 */
function asAdministrator(sudo, step) {
  say(`${step.why}; running as root: ${step.command}`);
  const [program, ...args] = [...sudo, 'sh', '-c', step.command];
  const { status } = spawnSync(/** @type {string} */ (program), args, { stdio: ['inherit', 2, 2] });
  if (status !== 0) askAdministrator([step], 'That failed');
}

/**
 * Print one line for somebody who may run it.
 *
 * @param {readonly Step[]} steps
 * @param {string} [why]
 */
function askAdministrator(steps, why = steps.map((step) => step.why).join('; ')) {
  if (steps.length === 0) return;
  say(`${why}. An administrator must run this line:\n\n    ${steps.map(({ command }) => command).join(' && ')}\n`);
}

/** What to put before a command that needs root: nothing, sudo, or undefined when we may not. */
function sudoCommand() {
  if (process.getuid?.() === 0) return [];
  if (!onPath('sudo')) return undefined;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  return process.stdin.isTTY && process.stderr.isTTY ? ['sudo'] : undefined;
}

function installPackages() {
  if (!isInstalled()) {
    say('installing the npm packages of package-lock.json');
    runOrExit('npm', ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']);
    if (!isInstalled()) fail('npm ci did not install what package-lock.json names, or no Node for this machine.');
  }
  linkPinnedNode();
}

/** Whether node_modules holds what package-lock.json asks for, as npm itself recorded. */
function isInstalled() {
  if (!existsSync(PINNED_NODE)) return false;
  const installed = lockedPackages('node_modules/.package-lock.json');
  return Object.entries(lockedPackages('package-lock.json')).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

/** npm 9 does not link a program called "node"; the npm scripts find the pinned one by that link. */
function linkPinnedNode() {
  const link = join(PROJECT, 'node_modules/.bin/node');
  if (!existsSync(link)) symlinkSync(relative(dirname(link), PINNED_NODE), link);
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string; optional?: boolean }>}
 */
function lockedPackages(file) {
  const path = join(PROJECT, file);
  if (!existsSync(path)) return {};
  const lock = /** @type {{ packages: ReturnType<typeof lockedPackages> }} */ (JSON.parse(readFileSync(path, 'utf8')));
  return lock.packages;
}

/** Run the built-in image as the present user, with what this host can give. */
function showHello() {
  const tspod = join(PROJECT, 'dist/tspod');
  const options = [];
  if (hasMemoryController(tspod)) options.push('--memory', '64m');
  else say(`running without a memory limit: ${memoryRemedy()}`);
  if (!onPath('slirp4netns') || !existsSync('/dev/net/tun')) {
    say('running without a network: slirp4netns or /dev/net/tun is missing');
    options.push('--network', 'none');
  }
  const args = ['run', '--rm', ...options, 'localhost/tspod/hello'];
  say(`${[tspod, ...args].join(' ')}\n`);
  runOrExit(tspod, args);
  say(`\nNow yours: ${shellQuote(tspod)} run --rm -it docker.io/library/alpine`);
}

/** @param {string} tspod */
function hasMemoryController(tspod) {
  const { status, stdout } = spawnSync(tspod, ['info', '--format', 'json'], { encoding: 'utf8' });
  if (status !== 0) return false;
  const info = /** @type {{ host: { cgroupControllers: string[] } }} */ (JSON.parse(stdout));
  return info.host.cgroupControllers.includes('memory');
}

function memoryRemedy() {
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers')) {
    return 'this host has no pure cgroup v2 (boot with systemd.unified_cgroup_hierarchy=1)';
  }
  if (!existsSync('/run/systemd/system')) return 'no systemd runs here that could delegate the "memory" controller';
  return (
    'the "memory" controller is not delegated to you. Log in through a session of your own (not su), or have an administrator run: ' +
    `mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' >/etc/systemd/system/user@.service.d/delegate.conf && systemctl daemon-reload && systemctl restart user@${String(process.getuid?.())}`
  );
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function runOrExit(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: PROJECT, stdio: 'inherit' });
  if (error) fail(`Cannot start "${program}": ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * @param {string} text
 * @returns {never}
 */
function fail(text) {
  say(text);
  process.exit(1);
}
