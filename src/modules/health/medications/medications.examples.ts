/* Complete bodies for the API documentation; tests send the requests among them. */

export const ibuprofen = {
  name: 'Ibuprofen',
  form: 'tablet',
  route: 'oral',
  strength: '400 mg',
  dose_amount: 1,
  dose_unit: 'tablet',
  codes: ['rxnorm:197806'],
  ingredient_codes: ['rxnorm:5640'],
  max_daily_amount: 4,
  min_interval_min: 240,
};

export const creation = {
  drops: {
    summary: 'A supplement',
    value: {
      name: 'Vitamin D',
      form: 'drops',
      route: 'oral',
      dose_amount: 2,
      dose_unit: 'drop',
      is_supplement: true,
    },
  },
  as_needed: { summary: 'A medication with limits', value: ibuprofen },
};

export const update = {
  archived: { summary: 'It is not taken any more', value: { is_archived: true, version: 1 } },
  note: { summary: 'Only the note', value: { note: 'With food' } },
};
