import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, tokenOf } from '../realtime/support.js';
import { until } from '../../support/until.js';
import { ImportAudience } from '../../../src/modules/health/imports/import-audience.js';
import { ended, hasty, IMPORTS, upload } from './support.js';

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
    await until(() => told.size === 1);
    await hers.leave();
    await until(() => told.size === 0);
    sending.destroy();
    await others.leave();
  });
});
