/* Complete bodies for the API documentation; tests send the requests among them. */

export const secondBreakfast = { name: 'Second breakfast', default_time: '10:00', position: 1 };

export const creation = {
  timed: { summary: 'With a usual time', value: secondBreakfast },
  short: { summary: 'Only a name', value: { name: 'After training' } },
};

export const update = {
  time: { summary: 'Another time', value: { default_time: '10:30', version: 1 } },
  hidden: { summary: 'Not used any more', value: { is_hidden: true } },
};
