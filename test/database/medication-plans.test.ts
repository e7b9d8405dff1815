import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionId } from '../../src/modules/health/medications/slot-id.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import type { SqlValue } from '../../src/platform/database/statements.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { Device, type Wire } from '../support/sync.js';
import {
  created,
  daily,
  LOTS,
  medication,
  MEDICATIONS,
  onSchedule,
  SCHEDULES,
  taken,
} from '../http/medications/support.js';

type Person = { userId: string; medicationId: string; scheduleId: string };
type Plan = readonly [index: string, sql: string, values: (ids: Person) => SqlValue[], isCovered?: boolean];

const LIVE = 'user_id = ? AND deleted_at IS NULL';
const ofUser = ({ userId }: Person) => [userId];
const ofMedication = ({ userId, medicationId }: Person) => [userId, medicationId];
const SINCE = '2026-01-02 00:00:00.000';

/** The statements of all tables of medications, and the index that each must use. */
const plans: readonly Plan[] = [
  [
    'idx_medications_user_created',
    `SELECT id FROM medications WHERE ${LIVE} ORDER BY created_at DESC, id DESC LIMIT 100`,
    ofUser,
  ],
  [
    'idx_medication_schedules_user_created',
    `SELECT id FROM medication_schedules WHERE ${LIVE} ORDER BY created_at DESC, id DESC LIMIT 100`,
    ofUser,
  ],
  [
    'idx_medication_schedules_user_medication',
    `SELECT id FROM medication_schedules WHERE ${LIVE} AND medication_id = ? ORDER BY created_at DESC, id DESC LIMIT 100`,
    ofMedication,
  ],
  [
    'idx_medication_schedules_user_medication',
    `SELECT id, version_of, medication_id, recurrence, starts_on, ends_on, counts_at, time_zone FROM medication_schedules WHERE ${LIVE} AND medication_id IN (?)`,
    ofMedication,
  ],
  [
    'idx_medication_intakes_user_sorted',
    `SELECT * FROM medication_intakes WHERE ${LIVE} AND sorted_at >= '${SINCE}' AND status <> 'snoozed' AND (sorted_at < '2026-01-20 00:00:00.000' OR (sorted_at = '2026-01-20 00:00:00.000' AND id < 'f')) ORDER BY sorted_at DESC, id DESC LIMIT 101`,
    ofUser,
  ],
  [
    'idx_medication_schedules_user_version',
    `SELECT id, version_of, starts_on, counts_at FROM medication_schedules WHERE ${LIVE} AND version_of = ? AND starts_on <= '2026-02-01'`,
    ({ userId, scheduleId }) => [userId, scheduleId],
  ],
  [
    'idx_medication_intakes_user_sorted',
    `SELECT id FROM medication_intakes WHERE ${LIVE} ORDER BY sorted_at DESC, id DESC LIMIT 100`,
    ofUser,
  ],
  [
    'idx_medication_intakes_user_dose',
    `SELECT id FROM medication_intakes WHERE ${LIVE} AND medication_id = ? ORDER BY sorted_at DESC, id DESC LIMIT 100`,
    ofMedication,
  ],
  [
    'idx_medication_intakes_user_day',
    `SELECT id FROM medication_intakes WHERE ${LIVE} AND local_date >= '2026-01-02' AND local_date <= '2026-01-03' ORDER BY local_date, id LIMIT 500`,
    ofUser,
  ],
  [
    'idx_medication_intakes_user_open',
    `SELECT id FROM medication_intakes WHERE ${LIVE} AND is_open = 1 ORDER BY sorted_at DESC, id DESC LIMIT 100`,
    ofUser,
  ],
  // The stock, and the doses that a limit looks at.
  [
    'idx_medication_intakes_user_dose',
    `SELECT SUM(amount) AS taken FROM medication_intakes WHERE ${LIVE} AND medication_id = ? AND sorted_at >= '${SINCE}' AND status = 'taken'`,
    ofMedication,
    true,
  ],
  [
    'idx_medication_intakes_user_dose',
    `SELECT id, medication_id, sorted_at, amount FROM medication_intakes WHERE ${LIVE} AND status = 'taken' AND (medication_id = ? AND sorted_at > '${SINCE}' AND sorted_at < '2026-01-04 00:00:00.000') LIMIT 401`,
    ofMedication,
    true,
  ],
  [
    'idx_medication_lots_user_added',
    `SELECT id FROM medication_lots WHERE ${LIVE} ORDER BY added_at DESC, id DESC LIMIT 100`,
    ofUser,
  ],
  [
    'idx_medication_lots_user_medication',
    `SELECT id FROM medication_lots WHERE ${LIVE} AND medication_id = ? ORDER BY added_at, id LIMIT 5000`,
    ofMedication,
  ],
];

describe.runIf(hasDatabase())('plans of medications', () => {
  let app: TestApp;
  let ids: Person;
  beforeAll(async () => {
    app = await TestApp.start();
    for (let person = 0; person < 3; person++) {
      const api = await app.api.register();
      const own = await onSchedule(api, { time_zone: 'UTC' });
      ids = { ...own, userId: api.userId };
      await created(api, LOTS, {
        medication_id: own.medicationId,
        units: 30,
        added_at: SINCE.replace(' ', 'T') + 'Z',
      });
      const others = await Promise.all([1, 2, 3].map(() => created(api, MEDICATIONS, medication())));
      for (const { id } of others) await created(api, SCHEDULES, daily(id));
      const phone = await new Device(api).ready();
      for (let batch = 0; batch < 4; batch++)
        await phone.push(
          ...Array.from({ length: 100 }, (_, index): Wire => {
            const at = new Date(
              Date.parse('2026-01-01T00:00:00Z') + (batch * 100 + index) * 600_000,
            ).toISOString();
            const id = index % 4 === 0 ? own.medicationId : (others[index % 3]?.['id'] as string);
            return phone.create('medication_intake', taken(id, at));
          }),
        );
      await phone.push(
        ...Array.from({ length: 90 }, (_, index): Wire => {
          const day = new Date(Date.parse('2026-02-01') + index * 86_400_000).toISOString().slice(0, 10);
          const fields = daily(own.medicationId, { version_of: own.scheduleId, starts_on: day });
          return phone.create('medication_schedule', fields, { id: versionId(own.scheduleId, day) });
        }),
      );
    }
    if (app.db.dialect === 'mysql')
      await app.app
        .get(UnitOfWork)
        .run(() =>
          app.db.rows('ANALYZE TABLE medications, medication_schedules, medication_intakes, medication_lots'),
        );
  });
  afterAll(() => app.stop());

  const cases = plans.map(
    ([index, sql, values, isCovered = false]) => [index, sql, values, isCovered] as const,
  );

  it.each(cases)('the index %s is used for: %s', async (index, sql, values, isCovered) => {
    const explain = app.db.dialect === 'mysql' ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN';
    const plan = JSON.stringify(await app.db.rows(`${explain} ${sql}`, values(ids)));
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/filesort|SCAN |temporary|TEMP B-TREE/);
    if (isCovered) expect(plan).toMatch(/Using index"|Using index;|; Using index|COVERING INDEX/);
  });
});
