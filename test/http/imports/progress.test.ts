import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, tokenOf } from '../realtime/support.js';
import { until } from '../../support/until.js';
import { ImportAudience } from '../../../src/modules/health/imports/import-audience.js';
import { ImportsPolicy } from '../../../src/modules/health/imports/imports.policy.js';
import { begin, ended, HastyPolicy, hasty, imported, IMPORTS, undone, upload } from './support.js';

const content = 'Date,Weight (kg)\n2026-01-13,82.5\n2026-01-14,82.1\n';

describe.runIf(hasDatabase())('the progress of imports by socket', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
  });
  afterAll(() => app.stop());

  it('is told to the devices of the person, and to nobody else', async () => {
    const [ada, eve] = [await app.api.register(), await app.api.register()];
    const open = (person: typeof ada): Promise<Device> =>
      Device.connect(app.url, ['hale.imports.v1', `bearer.${tokenOf(person)}`], {}, '/ws/imports');
    const [hers, others] = [await open(ada), await open(eve)];
    await Promise.all([hers.hello(), others.hello()]);
    const { body } = await upload(ada, { content });
    await ended(ada, body['id'] as string);
    const done = await hers.message(({ t, status }) => t === 'import' && status === 'completed');
    expect(done).toMatchObject({ id: body['id'], rows_read: 2, records_created: 2, rows_failed: 0 });
    await others.settle();
    expect(others.messages.map(({ t }) => t)).toEqual(['hello', 'pong']);
    await Promise.all([hers.leave(), others.leave()]);
  });

  it('keeps nothing of an import whose person has left', async () => {
    const [ada, eve] = [await app.api.register(), await app.api.register()];
    const open = (person: typeof ada): Promise<Device> =>
      Device.connect(app.url, ['hale.imports.v1', `bearer.${tokenOf(person)}`], {}, '/ws/imports');
    const [hers, others] = [await open(ada), await open(eve)];
    await Promise.all([hers.hello(), others.hello()]);
    const sending = request(`${ada.url}${IMPORTS}`, {
      method: 'POST',
      headers: { ...ada.headers, 'content-type': 'multipart/form-data; boundary=x' },
    });
    sending.on('error', () => undefined);
    sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nDate,');
    await hers.message(({ t, status }) => t === 'import' && status === 'uploading');
    const told = app.app.get(ImportAudience)['told'];
    await until(() => told.get(ada.userId)?.size === 1);
    await hers.leave();
    await until(() => !told.has(ada.userId));
    sending.destroy();
    await others.leave();
  });
});

describe.runIf(hasDatabase())('imports between two looks', () => {
  let app: TestApp;
  /** The test looks itself. */
  class RarePolicy extends HastyPolicy {
    override readonly tellMs = 3_600_000;
  }
  beforeAll(async () => {
    app = await TestApp.start({
      override: (builder) => builder.overrideProvider(ImportsPolicy).useClass(RarePolicy),
    });
  });
  afterAll(() => app.stop());

  it('are told once to each socket, unless they ended before anybody listened', async () => {
    const ada = await app.api.register();
    const audience = app.app.get(ImportAudience);
    const statesOf = async (device: Device): Promise<unknown[]> => {
      await device.settle();
      return device.messages.flatMap(({ t, id, status }) => (t === 'import' ? [`${id} ${status}`] : []));
    };
    const open = async (): Promise<Device> => {
      const protocols = ['hale.imports.v1', `bearer.${tokenOf(ada)}`];
      const device = await Device.connect(app.url, protocols, {}, '/ws/imports');
      await device.hello();
      return device;
    };
    await imported(ada, { content });
    const first = await open();
    await until(() => audience['told'].has(ada.userId));
    const { id } = await imported(ada, { content: `${content}2026-01-15,82\n` });
    const second = await open();
    await until(async () => (await statesOf(first)).length > 0);
    for (let look = 0; look < 3; look++) await audience['tellAll']();
    expect(await statesOf(first)).toEqual([`${id} completed`]);
    expect(await statesOf(second)).toEqual([`${id} completed`]);
    await undone(ada, id as string);
    await audience['tellAll']();
    expect(await statesOf(first)).toEqual([`${id} completed`, `${id} undone`]);
    await Promise.all([first.leave(), second.leave()]);
  });

  it('that are under way are told once to a socket that comes later', async () => {
    const ada = await app.api.register();
    const audience = app.app.get(ImportAudience);
    const sending = begin(ada);
    await until(async () => (await ada.get(IMPORTS)).body['data'].length === 1);
    const protocols = ['hale.imports.v1', `bearer.${tokenOf(ada)}`];
    const device = await Device.connect(app.url, protocols, {}, '/ws/imports');
    await device.message(({ t, status }) => t === 'import' && status === 'uploading');
    for (let look = 0; look < 3; look++) await audience['tellAll']();
    await device.settle();
    expect(device.messages.filter(({ t }) => t === 'import')).toHaveLength(1);
    sending.destroy();
    await device.leave();
  });
});
