import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { instantText } from '../../src/platform/database/database.js';
import type { Answer, Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { change, personWith } from '../support/people.js';
import { atMinute, conflict, insert, meal, side } from '../support/rows.js';
import { chooseSeed, seededRandom } from '../support/random.js';
import { entry, push, WEIGHT } from '../support/weights.js';

const MEALS = '/api/meals';
const CONFLICTS = '/api/sync/conflicts';
const MIB = 1_048_576;
/** What an answer has besides the rows that are counted, and what the estimate of a row may be wrong by. */
const SLACK = 64 * 1_024;
const MINUTE = 60_000;

type Row = Record<string, any>;

describe.runIf(hasDatabase())('lists', () => {
  let app: TestApp;
  let admin: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    admin = await personWith(app, 'admin');
  });
  afterAll(() => app.stop());
  afterEach(() => void vi.restoreAllMocks());

  const withQuery = (path: string, query: object): string => {
    const text = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return `${path}${path.includes('?') ? '&' : '?'}${text}`;
  };

  /** Follows `next` to the end. `between` runs after each page. */
  async function walk(
    api: Api,
    path: string,
    limit: () => number,
    between: () => Promise<void> = async () => {},
  ): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | undefined;
    for (;;) {
      const asked = limit();
      const query = { limit: asked, ...(cursor === undefined ? {} : { cursor }) };
      const { status, body } = await api.get(withQuery(path, query));
      expect([status, body['errors']]).toEqual([200, undefined]);
      expect(body['data'].length).toBeLessThanOrEqual(asked);
      expect(body['pagination']).toMatchObject({ limit: asked, offset: 0 });
      rows.push(...body['data']);
      cursor = body['pagination'].next;
      if (cursor === undefined) return rows;
      expect(body['data'].length).toBeGreaterThan(0);
      await between();
    }
  }

  const idsOf = (rows: readonly Row[]): string[] => rows.map(({ id }) => String(id));

  describe('a cursor', () => {
    it('neither skips nor repeats a weight that stays, while others are created, changed and deleted', async () => {
      const random = seededRandom(chooseSeed());
      const below = (limit: number): number => Math.floor(random() * limit);
      const ada = (await app.api.register()).device('phone');
      const at = () => atMinute(below(12)).toISOString();
      const entries = Array.from({ length: 90 }, (_, i) => entry(`kept-${i}`, { timestamp: at() }));
      await push(ada, ...entries);
      const kept = await walk(ada, WEIGHT, () => 500);
      const others: string[] = [];
      const rows = await walk(
        ada,
        WEIGHT,
        () => 1 + below(9),
        async () => {
          const { body } = await ada.post(WEIGHT, { weight_value: 80, unit: 'kg', timestamp: at() });
          const chosen = others[below(others.length)];
          if (chosen !== undefined) {
            await ada.put(`${WEIGHT}/${chosen}`, { timestamp: at() });
            if (below(2) === 0) await ada.delete(`${WEIGHT}/${chosen}`);
          }
          others.push(body['id']);
          // A change that keeps the instant keeps the place.
          await ada.put(`${WEIGHT}/${idsOf(kept)[below(90)]}`, { weight_value: 70 + below(9), unit: 'kg' });
        },
      );
      const stayed = new Set(idsOf(kept));
      expect(idsOf(rows).filter((id) => stayed.has(id))).toEqual(idsOf(kept));
      const instants = rows.map(({ timestamp }) => timestamp as string);
      expect(instants).toEqual(instants.toSorted().toReversed());
    });

    it('leads through every list, in its order', async () => {
      const ada = await app.api.register();
      const coach = await personWith(app, 'coach');
      const owners = await Promise.all(Array.from({ length: 5 }, () => app.api.register()));
      await insert(
        app,
        'meals',
        Array.from({ length: 40 }, (_, i) => meal(ada.userId, i)),
      );
      await insert(
        app,
        'conflicts',
        Array.from({ length: 40 }, (_, i) => conflict(ada.userId, i)),
      );
      await insert(
        app,
        'grants',
        Array.from({ length: 40 }, (_, i) => ({
          id: randomUUID(),
          user_id: owners[i % 5]!.userId,
          grantee_email: 'coach@example.org',
          grantee_id: coach.userId,
          scopes: '["meals:read"]',
          created_at: instantText(atMinute(i % 4)),
          expires_at: instantText(new Date(Date.now() + 60 * MINUTE)),
        })),
      );
      await insert(
        app,
        'outbox_messages',
        Array.from({ length: 40 }, (_, i) => ({
          id: randomUUID(),
          topic: 'lists',
          subscriber: 'nobody',
          payload: '',
          attempts: 20,
          created_at: instantText(atMinute(i)),
          due_at: instantText(atMinute(i)),
          dead_at: instantText(atMinute(i % 4)),
        })),
      );
      const sorted = ['created_at', '-created_at', 'email', '-email', 'last_seen_at', '-last_seen_at'];
      await change(app, 'DELETE FROM sessions WHERE user_id IN (?, ?)', [
        owners[0]!.userId,
        owners[1]!.userId,
      ]);
      const lists: [Api, string][] = [
        [ada, MEALS],
        [ada, `${MEALS}?since=${atMinute(2).toISOString()}`],
        [ada, CONFLICTS],
        [ada, `${CONFLICTS}?status=open`],
        [coach, '/api/users/me/grants/received'],
        [ada, '/api/users/me/access-log'],
        [admin, '/api/admin/outbox/dead?reason=legal'],
        [admin, '/api/admin/audit?reason=legal'],
        [admin, '/api/admin/audit?reason=legal&action=audit.read'],
        ...sorted.map((sort): [Api, string] => [admin, `/api/admin/users?reason=legal&sort=${sort}`]),
      ];
      for (const [api, path] of lists) {
        const whole = (await api.get(withQuery(path, { limit: 500 }))).body;
        expect([path, whole['pagination'].next]).toEqual([path, undefined]);
        // Reading the lists of an admin adds entries to the audit log, at its other end.
        const rows = await walk(api, path, () => 3);
        const known = whole['data'].map((row: Row) => JSON.stringify(row.id ?? row.hash ?? row.at));
        const found = rows.map((row) => JSON.stringify(row.id ?? row.hash ?? row.at));
        expect([path, found.filter((row) => known.includes(row))]).toEqual([path, known]);
        expect([path, whole['pagination'].total]).toEqual([path, known.length]);
      }
    });

    it('is refused by another list, with other filters, damaged, or beside an offset', async () => {
      const ada = await app.api.register();
      const eve = await app.api.register();
      for (const person of [ada, eve])
        await insert(
          app,
          'meals',
          Array.from({ length: 5 }, (_, i) => meal(person.userId, i)),
        );
      await insert(
        app,
        'conflicts',
        Array.from({ length: 5 }, (_, i) => conflict(ada.userId, i)),
      );
      const next = (await ada.get(`${MEALS}?limit=2`)).body['pagination'].next as string;
      const ofConflicts = (await ada.get(`${CONFLICTS}?limit=2`)).body['pagination'].next as string;
      expect((await ada.get(`${MEALS}?limit=2&cursor=${next}`)).status).toBe(200);
      const content = JSON.parse(Buffer.from(next, 'base64url').toString()) as string[];
      const forged = (...values: unknown[]): string =>
        Buffer.from(JSON.stringify(values)).toString('base64url');
      const [mark, instant, id] = content;
      const refused: [Api, string][] = [
        [ada, `${MEALS}?cursor=${ofConflicts}`],
        [ada, `${WEIGHT}?cursor=${next}`],
        [ada, `${CONFLICTS}?status=open&cursor=${ofConflicts}`],
        [ada, `${MEALS}?since=2020-01-01T00:00:00Z&cursor=${next}`],
        [eve, `${MEALS}?cursor=${next}`],
        ...['', 'x', '%00', `${next}A`, `${next}=`, next.slice(0, -1), 'A'.repeat(1_100)].map(
          (cursor): [Api, string] => [ada, `${MEALS}?cursor=${cursor}`],
        ),
        [ada, `${MEALS}?cursor=${next}&cursor=${next}`],
        [ada, `${MEALS}?cursor=${forged(mark, instant)}`],
        [ada, `${MEALS}?cursor=${forged(mark, '2026-02-30 00:00:00.000', id)}`],
        [ada, `${MEALS}?cursor=${forged(mark, "' OR 1=1 --", id)}`],
        [ada, `${MEALS}?cursor=${forged(mark, instant, 7)}`],
        [ada, `${MEALS}?cursor=${forged(mark, instant, null)}`],
        [ada, `${MEALS}?cursor=${forged(mark, instant, id, id)}`],
        [ada, `${MEALS}?cursor=${forged(mark, [instant], id)}`],
      ];
      for (const [api, path] of refused) {
        const { status, body } = await api.get(path);
        expect([path, status, body['errors']?.[0].field]).toEqual([path, 422, 'cursor']);
      }
      const both = await ada.get(`${MEALS}?cursor=${next}&offset=1`);
      expect([both.status, both.body['errors']?.[0].field]).toEqual([422, 'offset']);
    });
  });

  describe('an offset', () => {
    it('is at most 10 000, and the message names the cursor', async () => {
      expect((await admin.get(`${WEIGHT}?offset=10000`)).status).toBe(200);
      for (const path of [
        WEIGHT,
        MEALS,
        CONFLICTS,
        '/api/users/me/access-log',
        '/api/admin/users?reason=legal',
      ]) {
        const { status, body } = await admin.get(withQuery(path, { offset: 10_001 }));
        expect([path, status, body['errors']]).toEqual([
          path,
          422,
          [
            {
              field: 'offset',
              code: 'out-of-range',
              message:
                'offset must not be greater than 10000; to go further, send `pagination.next` as `cursor`',
            },
          ],
        ]);
      }
    });
  });

  describe('1 MiB', () => {
    const sizeOf = ({ body }: Answer): number => Buffer.byteLength(JSON.stringify(body['data']));

    /** Follows `next` and checks the size of each answer. */
    async function sizes(api: Api, path: string): Promise<{ sizes: number[]; ids: string[] }> {
      const found: number[] = [];
      const ids: string[] = [];
      for (let next: string | undefined = ''; next !== undefined;) {
        const answer: Answer = await api.get(withQuery(path, { limit: 500, ...(next && { cursor: next }) }));
        expect([answer.status, answer.body['errors']]).toEqual([200, undefined]);
        expect(answer.body['data'].length).toBeGreaterThan(0);
        found.push(sizeOf(answer));
        ids.push(...idsOf(answer.body['data']));
        next = answer.body['pagination'].next;
      }
      return { sizes: found, ids };
    }

    it.each([
      ['meals with the most items', MEALS, (userId: string, i: number) => meal(userId, i, { items: 50 })],
      [
        'meals with notes of quotes',
        MEALS,
        (userId: string, i: number) => meal(userId, i, { note: '"'.repeat(2_000) }),
      ],
      [
        'meals with notes of emojis',
        MEALS,
        (userId: string, i: number) => meal(userId, i, { note: '😀'.repeat(1_000) }),
      ],
      ['conflicts with large sides', CONFLICTS, (userId: string, i: number) => conflict(userId, i, 25_000)],
      [
        'meals, one of which is large',
        MEALS,
        (userId: string, i: number) => meal(userId, i, { items: i === 100 ? 50 : 0 }),
      ],
    ] as const)('bounds a page of %s', async (_, path, make) => {
      const ada = await app.api.register();
      const table = path === MEALS ? 'meals' : 'conflicts';
      await insert(
        app,
        table,
        Array.from({ length: 300 }, (_row, i) => make(ada.userId, i)),
      );
      const found = await sizes(ada, path);
      expect(new Set(found.ids).size).toBe(300);
      expect(found.ids).toHaveLength(300);
      expect(Math.max(...found.sizes)).toBeLessThan(MIB + SLACK);
      // No page is much shorter than it must be: also columns that are read and not answered count as bytes.
      const most = Math.max(...found.sizes.map((size) => size));
      if (found.sizes.length > 1) expect(most).toBeGreaterThan(MIB * 0.84);
    });

    it('bounds a page of audit entries with long lists of fields', async () => {
      const ada = await app.api.register();
      const [row] = await app.db.rows<{ pseudonym: string }>('SELECT pseudonym FROM users WHERE id = ?', [
        ada.userId,
      ]);
      const fields = JSON.stringify(Array.from({ length: 100 }, (_, i) => `${'f'.repeat(60)}${i}`));
      await insert(
        app,
        'audit_entries',
        Array.from({ length: 300 }, (_, i) => ({
          seq: 1_000_000 + i,
          at: instantText(atMinute(i)),
          action: 'session.opened',
          subject: row!.pseudonym,
          fields,
          hash: 'x',
        })),
      );
      const { sizes: found } = await sizes(ada, '/api/users/me/access-log');
      expect(found.length).toBeGreaterThan(1);
      expect(Math.max(...found)).toBeLessThan(MIB + SLACK);
      await change(app, 'DELETE FROM audit_entries WHERE seq >= 1000000', []);
    });

    it('answers a row that is larger alone', async () => {
      const ada = await app.api.register();
      await insert(
        app,
        'conflicts',
        Array.from({ length: 3 }, (_, i) => conflict(ada.userId, i, 30_000)),
      );
      // Not even the service itself could write a row this large; MySQL's TEXT has no room for it.
      if (app.db.dialect === 'sqlite') {
        await change(app, 'UPDATE conflicts SET winner = ? WHERE user_id = ?', [side(1_200_000), ada.userId]);
        expect((await walk(ada, CONFLICTS, () => 500)).length).toBe(3);
        expect((await ada.get(CONFLICTS)).body['data']).toHaveLength(1);
      }
    });

    it('reads by the size of what came, and a page of small rows by one statement besides the total', async () => {
      const ada = await app.api.register();
      await insert(
        app,
        'meals',
        Array.from({ length: 600 }, (_, i) => meal(ada.userId, i, { items: 50 })),
      );
      const eve = await app.api.register();
      await insert(
        app,
        'meals',
        Array.from({ length: 600 }, (_, i) => meal(eve.userId, i, { items: 1 })),
      );
      const reads: { sql: string; rows: number }[] = [];
      const real = app.db.rows.bind(app.db);
      vi.spyOn(app.db, 'rows').mockImplementation(async (sql, values = [], hasDoubles) => {
        const rows = await real(sql, values, hasDoubles);
        if (/FROM `?(meals|weight_entries)/.test(sql)) reads.push({ sql, rows: rows.length });
        return rows as never;
      });
      const page = (await ada.get(`${MEALS}?limit=500`)).body['data'].length as number;
      const rowsRead = reads
        .filter(({ sql }) => !sql.includes('COUNT'))
        .reduce((sum, { rows }) => sum + rows, 0);
      expect(page).toBeLessThan(150);
      expect(rowsRead).toBeLessThanOrEqual(Math.max(101, page + 3));
      for (const path of [MEALS, WEIGHT, `${WEIGHT}?limit=500`]) {
        reads.length = 0;
        await eve.get(path);
        const isTotal = reads.map(({ sql }) => sql.includes('COUNT'));
        expect([path, isTotal.toSorted()]).toEqual([path, [false, true]]);
      }
    });
  });
});
