import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findUserBus } from '../../../src/host/systemd.ts';

for (const address of ['unix:path=/%zz', 'unix:abstract=%ff', 'tcp:host=localhost']) {
  test(`the bus address "${address}", which leads nowhere, is passed over`, (t) => {
    const before = process.env['DBUS_SESSION_BUS_ADDRESS'];
    t.after(() => {
      if (before === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
      else process.env['DBUS_SESSION_BUS_ADDRESS'] = before;
    });
    delete process.env['DBUS_SESSION_BUS_ADDRESS'];
    const without = findUserBus();
    process.env['DBUS_SESSION_BUS_ADDRESS'] = address;
    assert.deepEqual(findUserBus(), without);
  });
}
