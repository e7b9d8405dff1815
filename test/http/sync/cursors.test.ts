import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/config.js';
import { type Cursor, Cursors } from '../../../src/modules/sync/pull/cursor.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { SecretKeys } from '../../../src/platform/secrets/secret-keys.js';
import type { Answer, Api } from '../../support/api.js';
import { SECRET, TestApp } from '../../support/app.js';
import { DAY } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { type Device, drainSync, pullPage, weightFields, type Wire } from '../../support/sync.js';
import { problemOf, twoPhones } from './support.js';

/** The content of a cursor, as somebody encodes it who cannot sign. */
const encode = (fields: unknown): string => Buffer.from(JSON.stringify(fields)).toString('base64url');
const partsOf = (cursor: string): { content: string; fields: string[]; signature: string } => {
  const [, content = '', signature = ''] = cursor.split('.');
  return {
    content,
    signature,
    fields: JSON.parse(Buffer.from(content, 'base64url').toString()) as string[],
  };
};

const idsOf = (changes: readonly Wire[]): string[] => changes.map(({ id }) => id as string);

describe.runIf(hasDatabase())('sync, cursors', () => {
  let app: TestApp;
  let cursors: Cursors;
  beforeAll(async () => {
    app = await TestApp.start();
    cursors = app.app.get(Cursors);
  });
  afterAll(() => app.stop());

  /** Stores two records. @returns their ids */
  async function two(device: Device): Promise<string[]> {
    const made = [1, 2].map((i) => device.create('weight', weightFields(70 + i)));
    await device.push(...made);
    return idsOf(made);
  }

  it('F10 an invalid cursor is a bad cursor, whatever it contains; never an empty page, never 500', async () => {
    const { person, a } = await twoPhones(app.api);
    await two(a);
    const { cursor } = await drainSync(person);
    const { content, fields, signature } = partsOf(cursor);
    const [user, epoch, seq, covered] = fields as [string, string, string, string];
    const contents = [
      null,
      1,
      'x',
      {},
      [],
      [1, 2, 3, 4],
      [[]],
      [user],
      [user, epoch],
      [user, epoch, seq],
      ...['-1', '', '1e3', '0x10', '1.5', '9000000000000000000', '9'.repeat(40), 'NaN', '１'].map(
        (number) => [user, epoch, number, covered],
      ),
      [user, epoch, seq, covered, 'abcd'],
      [user, epoch, Number(seq), covered],
      [user, epoch, String(Number(seq) + 1), covered],
    ].map(encode);
    const forged = [
      'AAAA',
      'c1.',
      'c2.',
      'c2..',
      'null',
      '0',
      '%00',
      '💥',
      'c2.💥.💥',
      `c2.${'A'.repeat(900)}`,
      ...[...contents, content].flatMap((text) => [
        // As before cursors were signed.
        `c1.${text}`,
        `c2.${text}`,
        `c2.${text}.`,
        `c2.${text}.${'A'.repeat(22)}`,
        ...(text === content ? [] : [`c2.${text}.${signature}`]),
      ]),
      `c1.${content}.${signature}`,
      `c2.${content}.${signature.slice(0, -2)}`,
      `c2.${content}.${signature}AAAA`,
      `c2.${content}.${signature}.${signature}`,
      `${cursor} `,
    ];
    for (const text of forged) {
      const answer = await pullPage(person, { cursor: text });
      expect([text, answer.status, problemOf(answer)]).toEqual([text, 400, 'bad-cursor']);
    }
    expect((await pullPage(person, { cursor: 'A'.repeat(1_001) })).status).toBe(422);
    expect((await pullPage(person, { cursor: '' })).status).toBeGreaterThanOrEqual(400);
    expect((await person.get('/api/sync/status')).body['epoch']).toBe(a.epoch);
  });

  it('F10 a cursor in which one character was changed is a bad cursor', async () => {
    const random = seededRandom(chooseSeed());
    const { person, a } = await twoPhones(app.api);
    await two(a);
    const { cursor } = await drainSync(person);
    for (let at = 0; at < cursor.length; at++) {
      const other = 'abcdefghij'[Math.floor(random() * 10)]!;
      const instead = other === cursor[at] ? 'k' : other;
      const changed = cursor.slice(0, at) + instead + cursor.slice(at + 1);
      const answer = await pullPage(person, { cursor: changed });
      expect([changed, answer.status, problemOf(answer)]).toEqual([changed, 400, 'bad-cursor']);
    }
    expect((await pullPage(person, { cursor })).status).toBe(200);
  });

  it('F10 a cursor is accepted while the secret that signed it is accepted', async () => {
    const { person, a } = await twoPhones(app.api);
    await two(a);
    const { cursor } = await drainSync(person);
    const held = cursors.read(cursor, person.userId);
    const under = (secret: string, ...accepted: string[]): Cursors =>
      new Cursors(
        new SecretKeys(
          loadConfig({ NODE_ENV: 'test', JWT_SECRET: secret, JWT_ACCEPTED_SECRETS: accepted.join(',') }),
        ),
      );
    const later = 'the-secret-after-it-4Kp9xW2mB7rT4yU8iP1sL6';
    expect(under(later, SECRET).read(cursor, person.userId)).toEqual(held);
    expect(under(SECRET, later).read(under(later).write(held), person.userId)).toEqual(held);
    expect(() => under(later).read(cursor, person.userId)).toThrow('bad-cursor');
    expect(under(later).write(held)).not.toBe(cursor);
  });

  it('F10 a cursor with a number beyond 2^53 is a bad cursor, also when the service signed it', async () => {
    const { person, a } = await twoPhones(app.api);
    await two(a);
    const held = cursors.read((await drainSync(person)).cursor, person.userId);
    for (const seq of [2 ** 53, -1, 1.5, NaN, Infinity])
      for (const cursor of [
        { ...held, seq },
        { ...held, fill: { kinds: [], after: seq } },
      ]) {
        const answer = await pullPage(person, { cursor: cursors.write(cursor) });
        expect([seq, answer.status, problemOf(answer)]).toEqual([seq, 400, 'bad-cursor']);
      }
  });

  it.each(['', 'x', '💥', '\u0000', "' OR 1=1 --", 'é'.repeat(16), '\ud800'])(
    'F10 an epoch that never existed, %j, is treated as a changed epoch',
    async (epoch) => {
      const { person, a } = await twoPhones(app.api);
      await two(a);
      const held = cursors.read((await drainSync(person)).cursor, person.userId);
      const answer = await pullPage(person, { cursor: cursors.write({ ...held, epoch }) });
      expect([answer.status, problemOf(answer), answer.body['base_seq']]).toEqual([
        409,
        'epoch-changed',
        '0',
      ]);
    },
  );

  it('F10 unknown fingerprints are ignored: the rest of the cursor is used', async () => {
    const { person, a } = await twoPhones(app.api);
    const ids = await two(a);
    const held = cursors.read((await drainSync(person)).cursor, person.userId);
    const unknown = { ...held, covered: ['????'], fill: { kinds: ['!!!!'], after: 0 } };
    const { changes } = await drainSync(person, { cursor: cursors.write(unknown) });
    expect(idsOf(changes)).toEqual(ids);
  });

  it('F10 a refused cursor is refused again for a client that sends the ETag of the refusal', async () => {
    const { person } = await twoPhones(app.api);
    const refused = await pullPage(person, { cursor: 'AAAA' });
    const tagged = person.with({ 'if-none-match': refused.headers.get('etag') ?? 'W/"none"' });
    expect((await pullPage(tagged, { cursor: 'AAAA' })).status).toBe(400);
  });

  it('F11 a cursor ahead of the database: a new epoch begins, and the client must begin again', async () => {
    const { person, a } = await twoPhones(app.api);
    const ids = await two(a);
    const { cursor, seq } = await drainSync(person);
    const held = cursors.read(cursor, person.userId);
    const ahead = cursors.write({ ...held, seq: held.seq + 1_000 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => pullPage(person, { cursor: ahead })));
    for (const answer of answers)
      expect([answer.status, problemOf(answer), answer.body['base_seq']]).toEqual([
        409,
        'epoch-changed',
        seq,
      ]);
    const [begun, ...others] = new Set(answers.map(({ body }) => body['epoch'] as string));
    expect(others).toEqual([]);
    expect(begun).not.toBe(held.epoch);
    expect((await person.get('/api/sync/status')).body).toMatchObject({ epoch: begun, seq });
    expect(idsOf((await drainSync(person)).changes)).toEqual(ids);
    expect((await pullPage(person, { cursor })).status).toBe(409);
  });

  describe('new epochs of one person', () => {
    const MOST = 5;
    const AT_ONCE = 8;
    /** Pulls at the same time with cursors that this service gave out before it lost its newest changes. */
    async function pullAhead(person: Api): Promise<Answer[]> {
      const { epoch, seq } = (await person.get('/api/sync/status')).body;
      const ahead: Cursor = {
        ownerId: person.userId,
        epoch,
        seq: Number(seq) + 10,
        covered: [],
        fill: undefined,
      };
      return Promise.all(
        Array.from({ length: AT_ONCE }, (_, i) =>
          pullPage(person, { cursor: cursors.write({ ...ahead, seq: ahead.seq + i }) }),
        ),
      );
    }
    const epochsOf = async (person: Api): Promise<number> => {
      const sql = 'SELECT COUNT(*) AS n FROM sync_epochs WHERE user_id = ?';
      return Number((await app.db.rows(sql, [person.userId]))[0]?.['n']);
    };
    const codes = (answers: readonly Answer[]): string[] => [...new Set(answers.map(problemOf))];
    const limited = Array.from({ length: AT_ONCE }, () => 429);

    it('at most five begin in a day, however many cursors are ahead at the same time', async () => {
      const { person, a } = await twoPhones(app.api);
      const ids = await two(a);
      for (let day = 1; day <= MOST; day++) {
        expect(codes(await pullAhead(person))).toEqual(['epoch-changed']);
        expect(await epochsOf(person)).toBe(day);
      }
      const { epoch } = (await person.get('/api/sync/status')).body;
      const answers = await pullAhead(person);
      expect(answers.map(({ status }) => status)).toEqual(limited);
      expect(codes(answers)).toEqual(['too-many-epochs']);
      for (const { headers } of answers) {
        const wait = Number(headers.get('retry-after'));
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(DAY / 1_000);
      }
      expect(await epochsOf(person)).toBe(MOST);
      expect((await person.get('/api/sync/status')).body['epoch']).toBe(epoch);
      // Everything else works, and nobody else is limited.
      expect(idsOf((await drainSync(person)).changes)).toEqual(ids);
      const { person: other } = await twoPhones(app.api);
      expect(codes(await pullAhead(other))).toEqual(['epoch-changed']);
    });

    it('one more begins after the first of them is a day old', async () => {
      const { person, a } = await twoPhones(app.api);
      await two(a);
      for (let day = 1; day <= MOST; day++) await pullAhead(person);
      expect(codes(await pullAhead(person))).toEqual(['too-many-epochs']);
      const yesterday = new Date(Date.now() - DAY - 1_000).toISOString().replace('T', ' ').slice(0, -1);
      await app.app
        .get(UnitOfWork)
        .run(() =>
          app.db.execute('UPDATE sync_epochs SET created_at = ? WHERE user_id = ? AND ordinal = 1', [
            yesterday,
            person.userId,
          ]),
        );
      expect(codes(await pullAhead(person))).toEqual(['epoch-changed']);
      expect(await epochsOf(person)).toBe(MOST + 1);
      expect(codes(await pullAhead(person))).toEqual(['too-many-epochs']);
    });
  });
});
