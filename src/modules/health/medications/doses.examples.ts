/* Complete bodies for the API documentation; tests send the requests among them. */
import { asNeeded, slot } from './intakes.examples.js';
import { slotId } from './slot-id.js';

const id = slotId(slot.schedule_id, slot.slot);
const window = { opens_at: '2026-01-05T06:00:00.000Z', closes_at: '2026-01-05T09:00:00.000Z' };
const intake = {
  id,
  medication_id: asNeeded.medication_id,
  status: 'taken',
  local_date: '2026-01-05',
  taken_at: '2026-01-05T07:04:00.000Z',
  amount: 1,
  snoozed_until: null,
  alerts: [],
  confirmed: null,
  version: 1,
};

export const doses = {
  id,
  ...window,
  examples: {
    day: {
      summary: 'One dose that was taken',
      value: {
        data: [
          {
            id,
            schedule_id: slot.schedule_id,
            version_id: slot.schedule_id,
            medication_id: asNeeded.medication_id,
            medication_name: 'Ibuprofen',
            slot: slot.slot,
            local_date: '2026-01-05',
            scheduled_for: slot.scheduled_for,
            time_zone: 'Europe/Berlin',
            amount: 1,
            dose_unit: 'tablet',
            ...window,
            state: 'taken',
            timing: 'in_time',
            intake,
          },
        ],
        others: [],
        next: null,
      },
    },
  },
};

const dose = { ...slot, medication_id: asNeeded.medication_id };
export const tick = {
  taken: { summary: 'It was taken now', value: { ...dose, status: 'taken' } },
  late: {
    summary: 'It was taken some time ago',
    value: { ...dose, status: 'taken', taken_at: '2026-01-05T09:15:00.000Z', reason: 'Overslept' },
  },
};
