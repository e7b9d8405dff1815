/* Complete bodies for the API documentation; tests send the requests among them. */

export const customCreation = {
  plank: {
    summary: 'The longest plank hold of a day',
    value: { name: 'Plank hold', unit: 's', roll_up: 'max', value_range: { minimum: 0, maximum: 3_600 } },
  },
};

export const customUpdate = {
  name: { summary: 'Another name', value: { name: 'Plank', version: 1 } },
};
