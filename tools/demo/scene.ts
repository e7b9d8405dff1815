import type { Item, WeightFields } from '@hale/client';
import { inKilograms, kilograms, shown } from './measurement.js';
import type { Narrator } from './narrator.js';
import type { Phone } from './phone.js';
import { counted, day, tallied } from './wording.js';

export type Weight = Item<WeightFields, WeightFields>;

const HALF_A_DAY_MS = 12 * 60 * 60 * 1000;

/** The actions of the people, printed as they happen, and the expectations that failed. */
export class Scene {
  readonly problems: string[] = [];

  constructor(private readonly narrator: Narrator) {}

  step(text: string): void {
    this.narrator.step(text);
  }

  note(text: string): void {
    this.narrator.note(text);
  }

  expect(fulfilled: boolean, otherwise: string): void {
    if (fulfilled) return;
    this.problems.push(otherwise);
    this.note(`UNEXPECTED: ${otherwise}`);
  }

  /** Corrects a weight away from the limits of the valid range: light entries upwards, heavy ones downwards. */
  async correct(phone: Phone, { id, fields }: Weight, byKilograms: number): Promise<WeightFields> {
    const sign = inKilograms(fields) > 100 ? -1 : 1;
    const value = fields.weight_value + (sign * byKilograms) / kilograms[fields.unit];
    const { unit, timestamp } = fields;
    const corrected = { weight_value: Number(value.toFixed(2)), unit, timestamp };
    await phone.hale.records('weight').update(id, corrected);
    this.note(`${phone.name}  weight of ${day(fields.timestamp)}: ${shown(fields)} → ${shown(corrected)}`);
    return corrected;
  }

  async delete(phone: Phone, { id, fields }: Weight): Promise<void> {
    await phone.hale.records('weight').delete(id);
    this.note(`${phone.name}  weight of ${day(fields.timestamp)}: ${shown(fields)} deleted`);
  }

  /** Adds a weighing half a day later, on a phone that is set to pounds. */
  async addInPounds(phone: Phone, { fields }: Weight): Promise<void> {
    const measuredAt = Math.min(Date.parse(fields.timestamp) + HALF_A_DAY_MS, Date.now());
    const added: WeightFields = {
      timestamp: new Date(measuredAt).toISOString(),
      weight_value: Number((inKilograms(fields) / kilograms.lb).toFixed(1)),
      unit: 'lb',
    };
    await phone.hale.records('weight').create(added);
    this.note(
      `${phone.name}  weight of ${day(added.timestamp)}: ${shown(added)} added (it is set to pounds)`,
    );
  }

  /** Prints the results of sync on a phone since the last call. */
  tell(phone: Phone): ReturnType<Phone['news']> {
    const news = phone.news();
    const sent = tallied(news.results);
    const told = [sent && `sent: ${sent}`, news.pulled > 0 && `pulled: ${counted(news.pulled, 'record')}`];
    const text = told.filter(Boolean).join('; ');
    if (text) this.note(`${phone.name}  ${text}`);
    return news;
  }

  /** Prints failed attempts until the returned function is called. */
  watch(phone: Phone): () => void {
    let tries = 0;
    let told: number | undefined;
    return phone.hale.status.subscribe(({ nextRetryAt, lastError }) => {
      if (nextRetryAt === undefined || nextRetryAt === told) return;
      told = nextRetryAt;
      tries += 1;
      const wait = Math.max(0, nextRetryAt - phone.now());
      this.note(`try ${tries}: no answer (${lastError}); the next one within ${wait} ms`);
    });
  }
}
