import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandWord, systemdUnit, type UnitRequest } from '../../../src/quadlet/systemd-unit.ts';

const request: UnitRequest = {
  name: 'container-web',
  run: {
    globals: [],
    options: ['-p', '8080:80'],
    name: 'web',
    words: ['localhost/busybox', 'sh', '-c', 'echo "$HOME" 100%\n'],
  },
  isTemplate: false,
  program: '/usr/bin/tspod',
  restartPolicy: 'on-failure',
  stopTimeout: 10,
  wants: [],
  after: [],
  requires: [],
  environment: [],
  header: [],
};

test('a unit that makes a new container at each start', () => {
  assert.equal(
    systemdUnit(request),
    `[Unit]
Description=tspod container-web.service
Documentation=man:tspod-generate-systemd(1)
Wants=network-online.target
After=network-online.target
RequiresMountsFor=%t/tspod

[Service]
Environment=TSPOD_SYSTEMD_UNIT=%n
Restart=on-failure
TimeoutStopSec=70
ExecStartPre=/bin/rm -f %t/%n.ctr-id
ExecStart=/usr/bin/tspod run \\
	--cidfile %t/%n.ctr-id \\
	--cgroups=no-conmon \\
	--rm \\
	--sdnotify=conmon \\
	--replace \\
	-d \\
	--name web \\
	-p 8080:80 \\
	localhost/busybox \\
	sh \\
	-c "echo \\"$$HOME\\" 100%%\\n"
ExecStop=/usr/bin/tspod stop \\
	--ignore \\
	-t 10 \\
	--cidfile %t/%n.ctr-id
ExecStopPost=/usr/bin/tspod rm \\
	-f \\
	--ignore \\
	-t 10 \\
	--cidfile %t/%n.ctr-id
Type=notify
NotifyAccess=all
Delegate=yes
KillMode=mixed

[Install]
WantedBy=default.target
`,
  );
});

test('a unit for a container that exists starts and stops it', () => {
  const unit = systemdUnit({
    ...request,
    container: 'web',
    restartSec: 5,
    run: { ...request.run, globals: ['--root', '/srv/my store'] },
  });
  assert.match(unit, /^ExecStart=\/usr\/bin\/tspod \\\n\t--root "\/srv\/my store" \\\n\tstart \\\n\tweb$/m);
  assert.match(unit, /^RestartSec=5$/m);
  assert.match(unit, /^Environment=TSPOD_SDNOTIFY=conmon$/m);
});

test('what the user adds stands in the unit', () => {
  const unit = systemdUnit({
    ...request,
    environment: ['A=b c', 'P=50%$'],
    wants: ['db.service'],
    after: ['db.service', 'cache.service'],
    requires: ['db.service'],
    header: ['made by hand'],
    startTimeout: 30,
  });
  assert.match(unit, /^# container-web\.service\n# made by hand\n\n\[Unit\]/);
  assert.match(unit, /^Environment="A=b c"\nEnvironment=P=50%%\$$/m);
  assert.match(unit, /^Wants=db\.service\nAfter=db\.service cache\.service\nRequires=db\.service$/m);
  assert.match(unit, /^TimeoutStartSec=30$/m);
});

const words: [word: string, escaped: string][] = [
  ['plain', 'plain'],
  ['', '""'],
  ['a b', '"a b"'],
  ['100%', '100%%'],
  ['$HOME', '$$HOME'],
  ['${X}', '"$${X}"'],
  ['say "hi"', '"say \\"hi\\""'],
  ["it's", '"it\'s"'],
  ['back\\slash', '"back\\\\slash"'],
  ['two\nlines', '"two\\nlines"'],
  ['\x01', '"\\x01"'],
  [';', '";"'],
  ['grün', '"grün"'],
  ['#', '"#"'],
];
for (const [word, escaped] of words) {
  test(`${JSON.stringify(word)} reaches the container through systemd as it is`, () =>
    assert.equal(commandWord(word), escaped));
}

test('a template makes a container of its own for each instance', () => {
  const unit = systemdUnit({ ...request, isTemplate: true, header: ['made'], startLimit: 3 });
  assert.match(unit, /^# container-web@.service\n# made\n/);
  assert.match(unit, /^Description=tspod container-web.service for %I$/m);
  assert.match(unit, /^StartLimitBurst=3\n\n\[Service\]$/m);
  assert.match(unit, /^\t--name web-%i \\\n\t-p 8080:80 \\\n/m);
});

test('a unit waits for the disk that its store is on', () => {
  const run = {
    ...request.run,
    globals: ['--root', '/srv/a disk', '--runroot', '/srv/run', '--storage-driver', 'vfs'],
  };
  assert.match(systemdUnit({ ...request, run }), /^RequiresMountsFor=%t\/tspod "\/srv\/a disk" \/srv\/run$/m);
});
