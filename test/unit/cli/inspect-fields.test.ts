import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInspected } from '../../../src/cli/inspect-fields.ts';

const container = {
  Id: 'a1',
  Created: '2026-11-20T10:00:00.5Z',
  State: { StartedAt: '2026-11-20T10:00:01Z', Health: { Status: 'healthy' } },
  Config: { Volumes: { '/data': {} }, Labels: {}, sdNotifyMode: 'container' },
};
const show = (format?: string) => formatInspected([container], format);

test('times are printed as Go does, and are RFC 3339 in JSON', async () => {
  assert.equal(
    await show('{{.Created}} {{.State.StartedAt}}'),
    '2026-11-20 10:00:00.5 +0000 UTC 2026-11-20 10:00:01 +0000 UTC\n',
  );
  assert.equal(
    await show('{{json .Created}}{{if .Created}} {{json .State}}{{end}}'),
    `"${container.Created}" ${JSON.stringify(container.State)}\n`,
  );
});

test('the state of health has the name that it had before, too', async () => {
  assert.equal(await show('{{.State.Health.Status}} {{.State.Healthcheck.Status}}'), 'healthy healthy\n');
});

test('a field that a struct does not have is refused, also where the JSON has a small name', async () => {
  assert.equal(await show('{{.Config.SdNotifyMode}}'), 'container\n');
  assert.equal(await show('{{json .Config}}'), `${JSON.stringify(container.Config)}\n`);
  await assert.rejects(show('{{.Config.Nonsense}}'), /there is no field "Nonsense"/);
});

test('a set is printed as Go prints a map of empty structs', async () => {
  assert.equal(await show('{{.Config.Volumes}} {{.Config.Labels}}'), 'map[/data:{}] map[]\n');
});

test('an empty format is none', async () => {
  assert.deepEqual(JSON.parse(await show('')), [container]);
});

test('a table has columns, and no heading; blanks between fields part them', async () => {
  const [short, long] = [
    { Id: 'a1', Driver: 'overlay' },
    { Id: 'a-longer-name', Driver: 'vfs' },
  ];
  const table = async (format: string) => await formatInspected([short, long], format);
  const columns = 'a1             overlay\na-longer-name  vfs\n';
  assert.equal(await table('table {{.Id}} {{.Driver}}'), columns);
  assert.equal(await table('table {{.Id}}\\t{{.Driver}}'), columns);
  assert.equal(await table('table {{.Id}}'), 'a1\na-longer-name\n');
  assert.equal(await table('table'), 'table\ntable\n');
  assert.equal(await formatInspected([], 'table {{.Id}}'), '');
});

test('a template may go through all that was found itself', async () => {
  assert.equal(await formatInspected([{ Id: 'a' }, { Id: 'b' }], '{{range .}}{{.Id}} {{end}}'), 'a b \n');
  assert.equal(await formatInspected([], '{{range .}}{{.Id}} {{end}}'), '');
  const numbered = '{{range $place, $one := .}}{{$place}}{{$one.Id}} {{end}}';
  assert.equal(await formatInspected([{ Id: 'a' }, { Id: 'b' }], numbered), '0a 1b \n');
});

test('a template that goes through a field of each is for each', async () => {
  const volumes = [{ Labels: ['x', 'y'] }, { Labels: ['z'] }];
  assert.equal(await formatInspected(volumes, '{{with .Labels}}{{range .}}{{.}} {{end}}{{end}}'), 'x y \nz \n');
});

test('the steps of an image have the names of fields', async () => {
  const image = { Id: 'b2', History: [{ created: '2026-11-20T10:00:00Z', created_by: 'COPY' }] };
  assert.equal(await formatInspected([image], '{{range .History}}{{.CreatedBy}}{{end}}'), 'COPY\n');
});

test('an empty list of Go is null in JSON alone', async () => {
  const bare = { EffectiveCaps: null, HostConfig: { PortBindings: { '77/tcp': null } }, Created: container.Created };
  const template = '{{.EffectiveCaps}} {{.HostConfig.PortBindings}} {{json .EffectiveCaps}} {{json .HostConfig}}';
  assert.equal(await formatInspected([bare], template), '[] map[77/tcp:[]] null {"PortBindings":{"77/tcp":null}}\n');
});

test('what an image does not say is empty, and no unknown field', async () => {
  const image = { Id: 'b2', Labels: null, Config: { Cmd: ['sh'] } };
  assert.equal(
    await formatInspected(
      [image],
      '{{.Labels}} {{.Config.Cmd}} {{.Config.Entrypoint}} {{.Config.User}} {{index .Config.Labels "a"}}',
    ),
    'map[] [sh] []  \n',
  );
  assert.equal(await formatInspected([image], '{{json .Config}}'), '{"Cmd":["sh"]}\n');
});

test('a list that is null is an empty one', async () => {
  const full = { State: { Health: { Status: '', FailingStreak: 0, Log: null } }, HostConfig: { CapAdd: null } };
  assert.equal(await formatInspected([full], '{{.State.Health}} {{.HostConfig.CapAdd}}'), '{ 0 []} []\n');
  assert.equal(await formatInspected([full], '{{json .State}}'), `${JSON.stringify(full.State)}\n`);
});

test('a container without id maps has none in JSON, and nil in a template', async () => {
  const plain = { HostConfig: { Binds: [] } };
  const mapped = { HostConfig: { IDMappings: { UidMap: ['0:0:1', '1:1:5'], GidMap: ['0:0:1'] } } };
  const text = '{{.HostConfig.IDMappings}}';
  assert.equal(await formatInspected([plain, mapped], text), '<nil>\n{[0:0:1 1:1:5] [0:0:1]}\n');
  const json = '{{json .HostConfig}} {{json .HostConfig.IDMappings}}{{if .HostConfig.IDMappings}} yes{{end}}';
  assert.equal(await formatInspected([plain], json), '{"Binds":[]} null\n');
});

test('fields that the JSON leaves out are there in a template, as in Go', async () => {
  const full = {
    State: { Status: 'created' },
    NetworkSettings: { Ports: {} },
    Mounts: [{ Type: 'bind', Source: '/a' }],
    Config: { Volumes: null, sdNotifyMode: 'container' },
  };
  const show = (format: string) => formatInspected([full], format);
  assert.equal(await show('{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'), '\n');
  assert.equal(await show('{{.NetworkSettings.Networks}} {{.NetworkSettings.SecondaryIPAddresses}}'), 'map[] []\n');
  assert.equal(
    await show('{{.SizeRw}} {{.SizeRootFs}} {{.State.Restored}} {{.State.CheckpointLog}}'),
    '<nil> 0 false \n',
  );
  assert.equal(await show('{{if .Config.Healthcheck}}yes{{else}}no{{end}} {{.Config.Timezone}}'), 'no \n');
  assert.equal(await show('{{.Config.Secrets}} {{.Config.ChrootDirs}} {{.Config.Volumes}}'), '[] [] map[]\n');
  assert.equal(await show('{{range .Mounts}}{{.Name}}{{.Source}}{{end}}'), '/a\n');
  assert.equal(await show('{{json .NetworkSettings.Networks}} {{json .}}'), `null ${JSON.stringify(full)}\n`);
  await assert.rejects(show('{{.NetworkSettings.Network}}'), /there is no field "Network"/);
});

test('what is there goes before what Go would have instead', async () => {
  const full = {
    SizeRw: 7,
    NetworkSettings: {},
    Config: { Healthcheck: { Test: ['NONE'] }, sdNotifyMode: 'container' },
  };
  assert.equal(
    await formatInspected([full], '{{.SizeRw}} {{.Config.Healthcheck.Test}} {{.Config.Healthcheck.Retries}}'),
    '7 [NONE] 0\n',
  );
});

test('the times of a health check are durations, and nanoseconds in JSON', async () => {
  const Healthcheck = { Test: ['CMD', 'true'], Interval: 100_000_000, Timeout: 90_000_000_000, Retries: 3 };
  const full = { NetworkSettings: {}, Config: { Healthcheck, HealthcheckMaxLogCount: 5, sdNotifyMode: 'container' } };
  const show = (format: string) => formatInspected([full], format);
  const times = '{{with .Config.Healthcheck}}{{.Interval}} {{.Timeout}} {{.StartPeriod}}{{end}}';
  assert.equal(await show(times), '100ms 1m30s 0s\n');
  assert.equal(await show('{{.Config.Healthcheck}}'), '{[CMD true] 0s 100ms 1m30s 3}\n');
  assert.equal(await show('{{json .Config.Healthcheck}}'), `${JSON.stringify(Healthcheck)}\n`);
  assert.equal(await show('{{json .Config.Healthcheck.Interval}} {{.Config.HealthMaxLogCount}}'), '100000000 5\n');
});

test('the health check of an image has two names', async () => {
  const bare = { RootFS: {}, Config: {} };
  const checked = { RootFS: {}, Config: { Healthcheck: { Test: ['CMD', 'true'] } } };
  const format = '{{.HealthCheck}} {{.Config.Healthcheck}}{{if .HealthCheck}} {{.HealthCheck.Test}}{{end}}';
  assert.equal(await formatInspected([bare], format), '<nil> <nil>\n');
  assert.match(await formatInspected([checked], format), / \[CMD true\]\n$/);
  assert.equal(await formatInspected([bare], '{{json .}}'), `${JSON.stringify(bare)}\n`);
});

test('a volume has the fields of Go', async () => {
  const volume = { Name: 'v', Mountpoint: '/v', CreatedAt: '2026-11-20T10:00:00Z' };
  const format = '{{.Status}} {{.UID}} {{.GID}} {{.Anonymous}} {{.NeedsChown}} {{.Timeout}} {{.CreatedAt.Unix}}';
  assert.equal(await formatInspected([volume], format), 'map[] 0 0 false false 0 1795168800\n');
});
