import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tspodWithBusybox, tspodWithEmptyStore } from '../support/tspod.ts';

/** The commands that list what there is, none of which there is at first, and a field of each. */
const LISTS: readonly (readonly [command: readonly string[], field: string])[] = [
  [['ps', '--all'], 'Names'],
  [['images', '--filter', 'dangling=true'], 'Repository'],
  [['volume', 'ls'], 'Mountpoint'],
  [['secret', 'ls'], 'UpdatedAt'],
  [['stats', '--no-stream'], 'MemPerc'],
  [['events', '--stream=false', '--filter', 'type=network'], 'Status'],
  [['volume', 'inspect', '--all'], 'Mountpoint'],
];

test('a field that there is not is refused, also where nothing is listed', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const others: typeof LISTS = [
    [['events'], 'Status'],
    [['stats'], 'MemPerc'],
    [['system', 'df'], 'Reclaimable'],
    [['info'], 'Host'],
    [['version'], 'GoVersion'],
  ];
  for (const [command, field] of [...LISTS, ...others]) {
    for (const template of ['{{.Nmae}}', 'x {{with .}}{{.Nmae}}{{end}}', '{{if .Nmae}}x{{end}}']) {
      const { stdout, stderr, exitCode } = await tspod(...command, '--format', template);
      const place = `${command.join(' ')} --format '${template}': ${stderr}`;
      assert.equal(exitCode, 125, place);
      assert.equal(stdout, '', place);
      const [sentence, fields] = stderr.split('\n');
      assert.equal(sentence, 'Error: there is no field "Nmae"', place);
      assert.match(fields ?? '', new RegExp(`^  The fields are: (\\w+, )*${field}(, |$)`), place);
    }
  }
});

test('a table or a loop with such a field is refused where nothing is listed, with and without heading', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  for (const command of [['ps', '--all'], ['images'], ['volume', 'ls'], ['secret', 'ls']]) {
    for (const template of ['table {{.Nmae}}', '{{range .}}{{.Nmae}}{{end}}']) {
      for (const more of [[], ['--noheading']]) {
        const { stdout, stderr, exitCode } = await tspod(...command, ...more, '--format', template);
        assert.deepEqual([exitCode, stdout, stderr.split('\n')[0]], [125, '', 'Error: there is no field "Nmae"']);
      }
    }
  }
});

test('a variable that a template has not is refused where nothing is listed', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { exitCode, stderr } = await tspod('ps', '--all', '--format', '{{range .Mounts}}{{$mount}}{{end}}');
  assert.deepEqual([exitCode, stderr.split('\n')[0]], [125, 'Error: the template has no variable "$mount"']);
});

test('a template that is right prints nothing where nothing is listed, and a table its heading', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  for (const [command, field] of LISTS) {
    const { stdout, stderr, exitCode } = await tspod(...command, '--format', `{{.${field}}}`);
    assert.deepEqual([exitCode, stdout, stderr], [0, '', ''], command.join(' '));
  }
  const table = (command: string[], ...fields: string[]) =>
    tspod.ok(...command, '--format', `table ${fields.map((field) => `{{.${field}}}`).join(' ')}`);
  assert.equal(await table(['ps', '--all'], 'ID', 'Names'), 'CONTAINER ID  NAMES');
  assert.equal(await table(['images', '--filter', 'dangling=true'], 'Repository', 'ID'), 'REPOSITORY  IMAGE ID');
  assert.equal(await table(['secret', 'ls'], 'Name', 'CreatedAt'), 'NAME        CREATED');
  assert.equal(await table(['volume', 'ls'], 'Name', 'Driver'), '', 'as Podman has it');
  const ps = tspod.start('ps', '--all', '--noheading', '--format', 'table {{.ID}}');
  let printed = '';
  for await (const chunk of ps.stdout) printed += String(chunk);
  assert.equal(printed, '', 'not even an empty line');
});

test('what stands in a loop, a condition or a record of its own is not taken for a field of the row', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  for (const template of [
    '{{range .Mounts}}{{.Destination}}{{end}}',
    '{{with .Labels}}{{.app}}{{end}}',
    '{{range $key, $value := .Labels}}{{$key}}={{$value.first}}{{end}}',
    '{{define "T"}}{{.app}}{{end}}{{template "T" .Labels}}',
    '{{$labels := .Labels}}{{$labels.app}}',
    '{{.Label "app"}}',
    '{{if .Exited}}{{.Nope}}{{end}}',
  ]) {
    const { stdout, stderr, exitCode } = await tspod('ps', '--all', '--format', template);
    assert.deepEqual([exitCode, stdout, stderr], [0, '', ''], template);
  }
});

test('the fields that completion lists are those that templates know', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'c', '--volume', 'data:/data', '--publish', '8080:80', 'busybox');
  await tspod.withInput('secret', 'secret', 'create', 's', '-');
  const complete = async (command: readonly string[], begun: string): Promise<string[]> => {
    const lines = (await tspod.ok('__complete', ...command, '--format', begun)).split('\n').slice(0, -1);
    const below = lines.filter((line) => line.endsWith('.')).map((line) => complete(command, line));
    return [...lines.filter((line) => line.endsWith('}}')), ...(await Promise.all(below)).flat()];
  };
  for (const [command, ...names] of [
    [['ps', '--all']],
    [['images']],
    [['volume', 'ls']],
    [['secret', 'ls']],
    [['stats', '--no-stream', '--all']],
    [['events', '--stream=false']],
    [['system', 'df']],
    [['history'], 'busybox'],
    [['volume', 'inspect'], 'data'],
    [['secret', 'inspect'], 's'],
    [['image', 'inspect'], 'busybox'],
    [['inspect'], 'c'],
    [['info']],
    [['version']],
  ] as const) {
    const fields = await complete(command, '{{.');
    assert.ok(fields.length > 3, `${command.join(' ')}: ${fields.join(' ')}`);
    await tspod.ok(...command, '--format', fields.join(' '), ...names);
  }
});

test('what a template has shown before it fails is shown, as scripts that evaluate it are used to', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.ok('create', '--name', 'first', '--env', 'HOME=/home/me', 'busybox');
  await tspod.ok('create', '--name', 'second', '--env', 'X=1', 'busybox');
  const show = async (...words: string[]) => {
    const { stdout, stderr, exitCode } = await tspod(...words);
    assert.equal(exitCode, 125);
    assert.match(stderr, /^Error: a template asks for items 0 to 5 of 3$/m);
    return stdout;
  };
  const home = '{{range .Config.Env}}{{if slice . 0 5 | eq "HOME="}}home={{slice . 5}};{{end}}{{end}}';
  const told = await show(
    'inspect',
    '--type',
    'container',
    '--format',
    `{{.Name}}:{{.State.Status}};${home}`,
    'second',
  );
  assert.equal(told, 'second:created;');
  const names = '{{.Names}} {{if eq .Names "second"}}{{slice "X=1" 0 5}}{{end}}';
  assert.equal(await show('ps', '--all', '--sort', 'names', '--format', names), 'first \nsecond');
  assert.equal(
    await show('ps', '--all', '--sort', 'names', '--format', `table ${names}`),
    'NAMES       \nfirst       \nsecond',
  );
});

test('volume ls takes one of --quiet and --format', async (t) => {
  const tspod = await tspodWithEmptyStore(t);
  const { exitCode, stderr } = await tspod('volume', 'ls', '--quiet', '--format', '{{.Name}}');
  assert.equal(exitCode, 125);
  assert.match(stderr, /quiet and format flags cannot be used together/);
});

test('--quiet goes before a template of images, and behind one of secrets', async (t) => {
  const tspod = await tspodWithBusybox(t);
  await tspod.withInput('secret', 'secret', 'create', 's', '-');
  assert.equal(await tspod.ok('secret', 'ls', '--quiet', '--format', '{{.Name}}'), 's');
  const id = await tspod.ok('images', '--quiet', 'busybox');
  assert.equal(await tspod.ok('images', '--quiet', '--format', '{{.Repository}}', 'busybox'), id);
});
