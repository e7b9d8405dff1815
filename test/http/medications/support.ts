import { expect } from 'vitest';
import { slotId } from '../../../src/modules/health/medications/slot-id.js';
import type { Api } from '../../support/api.js';
import type { Wire } from '../../support/sync.js';

export const MEDICATIONS = '/api/medications';
export const SCHEDULES = '/api/medication-schedules';
export const INTAKES = '/api/medication-intakes';
export const LOTS = '/api/medication-lots';
export const DOSES = `${MEDICATIONS}/doses`;

export const medication = (values: Wire = {}): Wire => ({
  name: 'Ibuprofen',
  form: 'tablet',
  route: 'oral',
  strength: '400 mg',
  dose_amount: 1,
  dose_unit: 'tablet',
  ...values,
});

export const daily = (medicationId: string, values: Wire = {}): Wire => ({
  medication_id: medicationId,
  recurrence: 'daily',
  starts_on: '2026-01-01',
  zone_mode: 'fixed',
  time_zone: 'Europe/Berlin',
  doses: [{ local_time: '08:00', amount: 1 }],
  ...values,
});

export const taken = (medicationId: string, takenAt: string, values: Wire = {}): Wire => ({
  medication_id: medicationId,
  time_zone: 'Europe/Berlin',
  status: 'taken',
  taken_at: takenAt,
  amount: 1,
  ...values,
});

/** Creates a record. @returns the answer's body */
export async function created(person: Api, path: string, fields: Wire): Promise<Wire> {
  const { status, body } = await person.post(path, fields);
  expect([status, body]).toMatchObject([201, {}]);
  return body;
}

/** A person's medication with a daily schedule. */
export async function onSchedule(
  person: Api,
  values: Wire = {},
  limits: Wire = {},
): Promise<{ medicationId: string; scheduleId: string }> {
  const medicationId = (await created(person, MEDICATIONS, medication(limits)))['id'] as string;
  const scheduleId = (await created(person, SCHEDULES, daily(medicationId, values)))['id'] as string;
  return { medicationId, scheduleId };
}

export async function dosesOf(person: Api, from: string, to = from, more = ''): Promise<Wire[]> {
  const { status, body } = await person.get(`${DOSES}?from=${from}&to=${to}${more}`);
  expect([status, body]).toMatchObject([200, {}]);
  return body['data'] as Wire[];
}

/** Ticks a dose by REST. */
export const tick = (person: Api, scheduleId: string, slot: string, values: Wire = {}) =>
  person.put(`${DOSES}/${slotId(scheduleId, slot)}`, {
    schedule_id: scheduleId,
    slot,
    status: 'taken',
    ...values,
  });

/** A tick as a phone stores it. */
export const ticked = (
  { medicationId, scheduleId }: { medicationId: string; scheduleId: string },
  slot: string,
  values: Wire = {},
): Wire => ({
  ...taken(medicationId, `${slot}:00.000Z`),
  schedule_id: scheduleId,
  slot,
  scheduled_for: `${slot}:00.000Z`,
  ...values,
});
