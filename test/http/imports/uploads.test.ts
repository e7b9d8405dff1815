import { once } from 'node:events';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fastify } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { limitBodyTime } from '../../../src/kernel/http/uploads.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import {
  IMPORTS,
  WEIGHTS,
  begin,
  ended,
  filesOf,
  hasty,
  imported,
  many,
  post,
  upload,
  weightsOf,
} from './support.js';

/** More than any buffer between the two ends holds. */
const MOST = 100_000_000;

describe.runIf(hasDatabase())('uploads', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty, env: { IMPORT_MAX_SIZE: '1', IMPORTS_AT_ONCE: '3' } });
  });
  // A file is removed after the end of its import is stored: a process that dies in between must not lose it.
  afterEach(() => until(() => filesOf(app).length === 0));
  afterAll(() => app.stop());

  it.each([
    ['a program', 'weights.csv', Buffer.from('7f454c4602010100', 'hex')],
    ['a picture', 'weights.csv', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['text in another encoding', 'weights.csv', Buffer.from('Gr\xf6\xdfe;1\n', 'latin1')],
    ['text with zeros', 'weights.csv', Buffer.from('a,b\n\0\0\n')],
    ['JSON that is named CSV', 'weights.csv', '{"a":1}'],
    ['CSV that is named XML', 'export.xml', WEIGHTS],
    ['an unknown XML', 'export.xml', '<?xml version="1.0"?><a/>'],
    ['nothing', 'weights.csv', ''],
    ['a table without numbers', 'weights.csv', 'a,b\n1,2\n'],
    ['a table of another format', 'weights.csv', WEIGHTS, '?format=fitbit_weight'],
    [
      'a training log of Strong',
      'strong.csv',
      'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps\n2026-01-06 18:00:00,Legs,1h,Squat,1,100,5\n',
    ],
    [
      'a training log of Hevy',
      'workouts.csv',
      '"title","start_time","end_time","exercise_title","set_index","set_type","weight_kg","reps"\n"Legs","6 Jan 2026, 18:00","6 Jan 2026, 19:00","Squat",0,"normal",100,5\n',
    ],
    [
      'a training log of FitNotes',
      'fitnotes.csv',
      'Date,Exercise,Category,Weight (kgs),Reps\n2026-01-06,Squat,Legs,100,5\n',
    ],
  ])('refuses %s, and leaves nothing', async (what, name, content, query = '') => {
    ada = await app.api.register();
    const { status, body } = await upload(ada, { content, name, query });
    expect([status, body['errors']?.[0].field]).toEqual([422, expect.stringMatching(/^(file|mapping\.)/)]);
    if (/training/.test(what))
      expect(body['errors'][0].message).toContain(`${what.slice(2)}; workouts are not supported yet`);
    expect(filesOf(app)).toEqual([]);
    expect((await ada.get(IMPORTS)).body['data']).toEqual([]);
  });

  it('refuses other bodies, parts and mappings, and leaves nothing', async () => {
    ada = await app.api.register();
    const form = (...parts: [string, string | Blob, string?][]): FormData => {
      const data = new FormData();
      for (const [name, value, file] of parts)
        if (value instanceof Blob) data.append(name, value, file ?? 'file.csv');
        else data.append(name, value);
      return data;
    };
    const file = new Blob([WEIGHTS]);
    const answers = [
      await ada.post(IMPORTS, {}),
      await ada.post(IMPORTS),
      await post(ada, '', form()),
      await post(ada, '', form(['other', file])),
      await post(ada, '', form(['file', WEIGHTS])),
      await post(ada, '', form(['file', file], ['file', file])),
      await post(ada, '', form(['mapping', '{'], ['file', file])),
      await post(ada, '', form(['mapping', '{"x":1}'], ['file', file])),
      await post(
        ada,
        '',
        form(['mapping', '{"values":[{"column":"a","metric":"b","unit":"c"}]}'], ['file', file]),
      ),
      await post(ada, '', form(['mapping', 'x'.repeat(20_000)], ['file', file])),
      await post(ada, '', form(['file', file], ['mapping', '{"decimal":"."}'])),
      await post(ada, '?time_zone=Nowhere', form(['file', file])),
      await post(ada, '?format=none', form(['file', file])),
      await post(ada, '?dry_run=yes', form(['file', file])),
      await ada.with({ 'content-type': 'multipart/form-data' }).post(IMPORTS, 'a'),
      await ada.with({ 'content-type': 'multipart/form-data; boundary=x' }).post(IMPORTS, 'a'),
      await ada.with({ 'content-type': 'multipart/form-data; boundary=x' }).post('/api/meals', 'a'),
    ];
    expect(
      answers.map(({ status }) => status).filter((status) => ![400, 413, 415, 422].includes(status)),
    ).toEqual([]);
    expect(filesOf(app)).toEqual([]);
    expect((await ada.get(IMPORTS)).body['data']).toEqual([]);
  });

  it('an upload cannot be taken back, and ends soon when its account is closed', async () => {
    ada = await app.api.register();
    const sending = begin(ada);
    const closed = new Promise((resolve) => sending.once('close', resolve));
    await until(() => filesOf(app).length === 1);
    const [{ id }] = (await ada.get(IMPORTS)).body['data'];
    expect(await ada.post(`${IMPORTS}/${id}/undo`)).toMatchObject({ status: 503, body: { status: 503 } });
    expect((await ada.get(`${IMPORTS}/${id}`)).body).toMatchObject({ status: 'uploading' });
    expect((await ada.delete('/api/users/me')).status).toBe(204);
    await closed;
    await until(() => filesOf(app).length === 0);
  });

  it('reads the rest of an upload that was answered for a short time only', async () => {
    ada = await app.api.register();
    const id = '019b9500-a0c8-7f03-8a17-5e2d9c4b6a14';
    await imported(ada, { content: WEIGHTS, query: `?id=${id}` });
    for (const [headers, query, status] of [
      [{ 'content-length': '2147483648' }, '', 413],
      [{ 'transfer-encoding': 'chunked' }, `?id=${id}`, 202],
    ] as const) {
      const sending = begin(ada, headers, query);
      const closed = new Promise((resolve) => sending.once('close', resolve));
      const answered = new Promise<IncomingMessage>((resolve) => sending.once('response', resolve));
      expect((await answered).resume().statusCode).toBe(status);
      // The client never ends its body.
      await closed;
    }
  });

  it('limits the time of a body that is no upload, also where files are taken', async () => {
    const instance = fastify();
    limitBodyTime(instance, 50);
    instance.post('/', { config: { takesFiles: true } }, () => ({}));
    await instance.listen({ port: 0, host: '127.0.0.1' });
    try {
      const sending = request(`${instance.listeningOrigin}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      const ended = new Promise((resolve) => sending.once('response', resolve).once('error', resolve));
      sending.write('{');
      await ended;
    } finally {
      await instance.close();
    }
  });

  /** Sends the head of an upload, and as much of its body as the service reads. */
  async function flood(
    person: Api,
    headers: Record<string, string>,
  ): Promise<{ status: number; sent: number }> {
    const sending = request(`${person.url}${IMPORTS}`, {
      method: 'POST',
      headers: { ...person.headers, 'content-type': 'multipart/form-data; boundary=x', ...headers },
    });
    sending.setMaxListeners(0);
    const state = { status: 0, sent: 0, isOver: false };
    const over = new Promise<void>((resolve) => {
      const end = (code: number): void => {
        Object.assign(state, { status: code, isOver: true });
        resolve();
      };
      sending.on('response', (answer) => end(answer.resume().statusCode ?? 0));
      sending.on('error', () => end(state.status));
    });
    sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n');
    const block = Buffer.alloc(65_536, 'a');
    // The answer may come while the request is still being sent.
    while (!state.isOver && state.sent < MOST) {
      if (!sending.write(block)) await Promise.race([once(sending, 'drain'), over]);
      else await nextTurn();
      state.sent += block.length;
    }
    await over;
    sending.destroy();
    return state;
  }

  it('refuses an upload of 2 GB by its size before it is read, and an endless one at the limit', async () => {
    ada = await app.api.register();
    const large = await flood(ada, { 'content-length': '2147483648' });
    expect(large.status).toBe(413);
    const endless = await flood(ada, { 'transfer-encoding': 'chunked' });
    expect(endless.status).toBe(413);
    expect(endless.sent).toBeLessThan(MOST);
    await until(() => filesOf(app).length === 0);
    expect((await ada.get(IMPORTS)).body['data']).toEqual([]);
  });

  it('an upload that is broken off leaves nothing, and the next one is taken', async () => {
    ada = await app.api.register();
    // As an administrator may have made it.
    mkdirSync(join(app.files, 'imports'), { recursive: true });
    chmodSync(join(app.files, 'imports'), 0o755);
    const sending = begin(ada);
    await until(() => filesOf(app).length === 1);
    expect(statSync(join(app.files, 'imports', filesOf(app)[0]!)).mode & 0o777).toBe(0o600);
    expect(statSync(join(app.files, 'imports')).mode & 0o777).toBe(0o700);
    // One import of a person at a time.
    expect(await upload(ada, { content: WEIGHTS })).toMatchObject({
      status: 403,
      body: { quota: 'imports', limit: 1, used: 1 },
    });
    sending.destroy();
    await until(() => filesOf(app).length === 0);
    await until(async () => (await ada.get(IMPORTS)).body['pagination'].total === 0);
    expect(await imported(ada, { content: WEIGHTS })).toMatchObject({ records_created: 2 });
  });

  it('two people may choose the same id, and neither touches the file of the other', async () => {
    ada = await app.api.register();
    const eve = await app.api.register();
    const id = '019b9500-a0c8-7f03-8a17-5e2d9c4b6a12';
    const { body } = await upload(ada, { content: many(2_000), query: `?id=${id}` });
    expect(body).toMatchObject({ id });
    expect((await upload(eve, { content: 'a,b\n1,2\n', query: `?id=${id}` })).status).toBe(422);
    expect((await upload(eve, { content: WEIGHTS, query: `?id=${id}` })).status).toBe(202);
    expect(await ended(ada, id)).toMatchObject({ status: 'completed', records_created: 2_000 });
    expect(await ended(eve, id)).toMatchObject({ status: 'completed', records_created: 2 });
    expect(await weightsOf(eve)).toHaveLength(2);
  });

  it('an upload takes the place of the file that a process left when it died', async () => {
    ada = await app.api.register();
    const id = '019b9500-a0c8-7f03-8a17-5e2d9c4b6a13';
    const { body } = await ada.get('/api/users/me');
    writeFileSync(join(app.files, 'imports', `${body['id']}.${id}`), 'left');
    expect(await imported(ada, { content: WEIGHTS, query: `?id=${id}` })).toMatchObject({
      records_created: 2,
    });
  });
});
