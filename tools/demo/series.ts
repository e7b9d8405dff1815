import type { Random } from '../support/random.js';
import type { Input, Measurement } from './measurement.js';

const DAYS = 120;
const DAY_MS = 24 * 60 * 60 * 1000;
const START_KG = 84.6;
const KG_PER_DAY = -0.035;
const SWING_KG = 1.6;

/** A person who weighs themselves every morning for 120 days up to `today` and slowly loses weight. */
export function ownSeries(random: Random, today: Date): Input {
  const firstMorning = Math.floor(today.getTime() / DAY_MS - DAYS) * DAY_MS + 6.5 * 60 * 60 * 1000;
  const measurements = Array.from({ length: DAYS }, (_, day): Measurement => {
    const minutes = Math.floor(random() * 60);
    return {
      timestamp: new Date(firstMorning + day * DAY_MS + minutes * 60_000).toISOString(),
      weight_value: Number((START_KG + KG_PER_DAY * day + SWING_KG * bell(random)).toFixed(1)),
      unit: 'kg',
    };
  });
  return {
    people: [{ name: 'the demo person', measurements }],
    about: [`No file given: ${DAYS} mornings (kg) made by the demo itself.`],
  };
}

/** Between -0.5 and 0.5, mostly near 0. */
const bell = (random: Random): number => (random() + random() + random()) / 3 - 0.5;
