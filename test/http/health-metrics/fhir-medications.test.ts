import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { DAY, fromNow } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { faultsOf, pagesOf, resourcesOf } from '../../support/fhir.js';
import { personWith } from '../../support/people.js';
import { bulk, reading, READINGS } from '../../support/readings.js';
import { Device, type Wire } from '../../support/sync.js';
import {
  created,
  INTAKES,
  medication,
  MEDICATIONS,
  onSchedule,
  taken,
  tick,
} from '../medications/support.js';

const FHIR = `${READINGS}/fhir`;
const [STATEMENT, ADMINISTRATION] = ['MedicationStatement', 'MedicationAdministration'];
const codes = ['rxnorm:197806', 'ndc:0904-7915-61', 'atc:M01AE01', 'unii:WK2XYI10QM', 'snomed:387207008'];

const ofType = (all: readonly Wire[], type: string | undefined): Wire[] =>
  all.filter(({ resourceType }) => resourceType === type);

describe.runIf(hasDatabase())('FHIR R4 of medications', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('says what is taken and what was taken, in the units of the person', async () => {
    const ada = await app.api.register({ time_zone: 'Europe/Berlin' });
    const limits = {
      codes,
      ingredient_codes: codes,
      max_daily_amount: 4,
      reason: 'Headache',
      note: 'With food',
    };
    const { medicationId, scheduleId } = await onSchedule(ada, {}, limits);
    await created(
      ada,
      INTAKES,
      taken(medicationId, '2026-01-05T14:20:00.000Z', {
        amount: 1.5,
        site: 'Left thigh',
        note: 'It helped',
        reason: 'Forgotten',
      }),
    );
    const skipped = await tick(ada, scheduleId, '2026-01-06T08:00', { status: 'skipped', reason: 'Nausea' });
    expect([skipped.status, skipped.body]).toMatchObject([200, {}]);
    const snoozed = { status: 'snoozed', snoozed_until: '2026-01-07T08:00:00.000Z' };
    expect((await tick(ada, scheduleId, '2026-01-07T08:00', snoozed)).status).toBe(200);
    const pages = await pagesOf(ada, FHIR);
    expect(faultsOf(pages)).toEqual([]);
    const all = resourcesOf(pages);
    const [statement] = ofType(all, STATEMENT);
    const coding = [
      { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '197806' },
      { system: 'http://hl7.org/fhir/sid/ndc', code: '0904-7915-61' },
      { system: 'http://www.whocc.no/atc', code: 'M01AE01' },
      { system: 'http://fdasis.nlm.nih.gov', code: 'WK2XYI10QM' },
      { system: 'http://snomed.info/sct', code: '387207008' },
    ];
    expect(statement).toMatchObject({
      id: medicationId,
      meta: { versionId: '1' },
      contained: [
        {
          code: { coding, text: 'Ibuprofen 400 mg' },
          form: { text: 'tablet' },
          ingredient: coding.map((one) => ({ itemCodeableConcept: { coding: [one] } })),
        },
      ],
      status: 'active',
      medicationReference: { reference: '#medication', display: 'Ibuprofen 400 mg' },
      subject: { reference: `Patient/${ada.userId}` },
      reasonCode: [{ text: 'Headache' }],
      note: [{ text: 'With food' }],
    });
    expect(statement?.['effectivePeriod']).toEqual({ start: '2026-01-01' });
    expect(statement?.['dosage'][0].doseAndRate).toEqual([{ doseQuantity: { value: 1, unit: 'tablet' } }]);
    const [late, given, ...others] = ofType(all, ADMINISTRATION) as [Wire, Wire];
    expect(others).toEqual([]);
    expect(given).toMatchObject({
      status: 'completed',
      medicationCodeableConcept: { text: 'Ibuprofen 400 mg' },
      supportingInformation: [{ reference: `urn:uuid:${medicationId}` }],
      effectiveDateTime: '2026-01-05T15:20:00.000+01:00',
      note: [{ text: 'It helped' }, { text: 'Forgotten' }],
    });
    expect([given['dosage'], given['statusReason']]).toEqual([
      { dose: { value: 1.5, unit: 'tablet' }, site: { text: 'Left thigh' } },
      undefined,
    ]);
    expect(late).toMatchObject({
      status: 'not-done',
      statusReason: [{ text: 'Nausea' }],
      effectiveDateTime: '2026-01-06T08:00:00.000+01:00',
    });
    expect([late['dosage'], late['note']]).toEqual([undefined, undefined]);
    expect(JSON.stringify(pages)).not.toContain(ada.account['email']);
  });

  it('has nothing that was deleted, and doses of a deleted medication with the name that it had', async () => {
    const ada = await app.api.register();
    const kept = (await created(ada, MEDICATIONS, medication({ strength: null })))['id'] as string;
    const first = await created(ada, INTAKES, taken(kept, '2026-01-05T14:20:00.000Z'));
    const second = await created(ada, INTAKES, taken(kept, '2026-01-05T20:20:00.000Z'));
    for (const path of [`${INTAKES}/${first['id']}`, `${MEDICATIONS}/${kept}`])
      expect((await ada.delete(path)).status).toBeLessThan(300);
    const pages = await pagesOf(ada, FHIR);
    expect(faultsOf(pages)).toEqual([]);
    expect(resourcesOf(pages)).toMatchObject([
      { id: second['id'], medicationCodeableConcept: { text: 'Ibuprofen' } },
    ]);
  });

  it('is valid for a dose that a phone sent before its medication, with the name unknown', async () => {
    const ada = await app.api.register();
    const phone = await new Device(ada).ready();
    const intake = phone.create('medication_intake', taken(randomUUID(), '2026-01-05T14:20:00.000Z'));
    expect(await phone.push(intake)).toMatchObject([{ status: 'applied' }]);
    const { id } = intake;
    const pages = await pagesOf(ada, FHIR);
    expect(faultsOf(pages)).toEqual([]);
    expect(resourcesOf(pages)).toMatchObject([
      { id, medicationCodeableConcept: { coding: [{ code: 'unknown' }] }, dosage: { dose: { value: 1 } } },
    ]);
  });

  it('has readings, doses and medications in one list, whose pages skip and repeat nothing at one instant', async () => {
    const ada = await app.api.register();
    const at = '2026-01-06T06:40:00.000Z';
    const ids = [];
    for (const name of ['A', 'B', 'C'])
      ids.push((await created(ada, MEDICATIONS, medication({ name })))['id'] as string);
    for (const id of ids) await created(ada, INTAKES, taken(id, at));
    await bulk(ada, [reading('heart_rate', { measured_at: at }), reading('heart_rate', { measured_at: at })]);
    await ada.post(`${READINGS}/weight`, { weight_value: 70, unit: 'kg', timestamp: at });
    const idsOf = (pages: readonly Wire[]) => resourcesOf(pages).map(({ id }) => id as string);
    const all = await pagesOf(ada, FHIR);
    expect(resourcesOf(all).map(({ resourceType }) => resourceType)).toEqual(
      [STATEMENT, ADMINISTRATION, 'Observation'].flatMap((type) => [type, type, type]),
    );
    for (const limit of [1, 2, 4, 5]) {
      const pages = await pagesOf(ada, `${FHIR}?limit=${limit}`);
      expect(pages.length).toBe(Math.ceil(9 / limit));
      expect(idsOf(pages)).toEqual(idsOf(all));
    }
  });

  it('limits doses to the local days on which they were taken, also late ones, and medications to none', async () => {
    const ada = await app.api.register({ time_zone: 'Europe/Berlin' });
    const { medicationId, scheduleId } = await onSchedule(ada);
    const late = await tick(ada, scheduleId, '2026-01-05T08:00', { taken_at: '2026-01-09T22:59:00.000Z' });
    expect(late.status).toBe(200);
    for (const [day, minute] of [
      ['09', '22:58'],
      ['09', '23:00'],
      ['08', '22:59'],
      ['09', '23:01'],
      ['08', '23:00'],
    ])
      await created(ada, INTAKES, taken(medicationId, `2026-01-${day}T${minute}:00.000Z`));
    for (const limit of [1, 2, 100]) {
      const all = resourcesOf(await pagesOf(ada, `${FHIR}?from=2026-01-09&to=2026-01-09&limit=${limit}`));
      expect(ofType(all, ADMINISTRATION).map(({ effectiveDateTime }) => effectiveDateTime)).toEqual([
        '2026-01-09T23:59:00.000+01:00',
        '2026-01-09T23:58:00.000+01:00',
        '2026-01-09T00:00:00.000+01:00',
      ]);
      expect(ofType(all, STATEMENT).map(({ id }) => id)).toEqual([medicationId]);
    }
  });

  it('says what is over: schedules that ended, and medications that were archived', async () => {
    const ada = await app.api.register();
    const statusOf = async (id: string) =>
      resourcesOf(await pagesOf(ada, FHIR)).find((one) => one['id'] === id) as Wire;
    const ended = await onSchedule(ada, { ends_on: '2026-01-10' });
    expect(await statusOf(ended.medicationId)).toMatchObject({
      status: 'completed',
      effectivePeriod: { start: '2026-01-01', end: '2026-01-10' },
    });
    const archived = await onSchedule(ada, {}, { is_archived: true });
    expect(await statusOf(archived.medicationId)).toMatchObject({ status: 'stopped' });
  });

  it('is only for those who may read medications', async () => {
    const ada = await app.api.register();
    const { medicationId } = await onSchedule(ada);
    await created(ada, INTAKES, taken(medicationId, '2026-01-05T14:20:00.000Z'));
    await bulk(ada, [reading('heart_rate', {})]);
    for (const [scopes, types] of [
      [['metrics:read'], ['Observation']],
      [
        ['metrics:read', 'medications:read'],
        [STATEMENT, 'Observation', ADMINISTRATION],
      ],
    ] as const) {
      const { body: key } = await ada.post('/api/api-keys', { name: 'A clinic', scopes });
      const clinic = app.api.bearer(key['key'] as string);
      const coach = await personWith(app, 'coach');
      const grant = { email: coach.account['email'], scopes, until: fromNow(DAY) };
      expect((await ada.post('/api/users/me/grants', grant)).status).toBe(201);
      await coach.get('/api/users/me/grants/received');
      for (const pages of [
        await pagesOf(clinic, `${FHIR}?limit=1`),
        await pagesOf(coach, `${FHIR}?limit=1&owner_id=${ada.userId}`),
      ]) {
        expect(resourcesOf(pages).map(({ resourceType }) => resourceType)).toEqual(types);
        if (scopes.length === 1) expect(JSON.stringify(pages)).not.toMatch(/Ibuprofen|tablet/);
      }
    }
    const { body: key } = await ada.post('/api/api-keys', {
      name: 'A pharmacy',
      scopes: ['medications:read'],
    });
    expect((await app.api.bearer(key['key'] as string).get(FHIR)).body['type']).toBe(
      '/problems/insufficient-scope',
    );
  });
});
