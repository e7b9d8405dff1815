/* Items of meals for the API documentation. */

export const item = {
  name: 'Oat porridge',
  quantity: 250,
  unit: 'g',
  energy_kcal: 178,
  protein_g: 6.1,
  carbs_g: 27,
  fat_g: 3.5,
  amount: 250,
  amount_unit: 'g',
  nutrients: { fiber_g: 4.2, sodium_mg: 5 },
};

/** Only its energy is known. */
export const walnuts = { name: 'Walnuts', quantity: 8, unit: 'g', energy_kcal: 53 };
