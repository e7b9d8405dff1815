/* Complete bodies for the API documentation; tests send the requests among them. */

export const steps = {
  name: 'Walk every day',
  subject: 'metric:steps',
  direction: 'at_least',
  target_min: 8_000,
  unit: 'steps',
  period: 'day',
  start_on: '2026-01-05',
} as const;

export const creation = {
  steps: { summary: 'Steps of each day', value: steps },
  weight: {
    summary: 'A weight to get down to',
    value: {
      name: '70 kg by summer',
      subject: 'metric:body_weight',
      direction: 'reduce_to',
      target_max: 70,
      start_value: 76,
      unit: 'kg',
      period: 'total',
      start_on: '2026-01-05',
      due_on: '2026-06-30',
    },
  },
  energy: {
    summary: 'A range of energy on working days',
    value: {
      name: 'Eat enough, and not too much',
      subject: 'nutrient:energy_kcal',
      direction: 'between',
      target_min: 1_800,
      target_max: 2_300,
      unit: 'kcal',
      period: 'day',
      weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
      start_on: '2026-01-05',
      allowed_misses: 1,
    },
  },
};

export const update = {
  note: { summary: 'Only the note', value: { note: 'With the dog' } },
  archived: { summary: 'It is over', value: { is_archived: true, version: 1 } },
};
