import type { Fields, MealFields, WeightFields } from '@hale/client';
import { meal, weight } from '@hale/client/kinds';
import type { Random } from '../support/random.js';

export const DEFINITIONS = [weight, meal];
export type Kind = (typeof DEFINITIONS)[number]['kind'];
export const KINDS: readonly Kind[] = DEFINITIONS.map(({ kind }) => kind);

/** Fields that are sent together. */
const GROUPS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  weight: [['weight_value', 'unit', 'timestamp']],
  meal: [['eaten_at', 'time_zone'], ['meal_type'], ['title'], ['note'], ['items']],
};

/** By group, its values as one text, the same whatever form the service returns them in. */
export type Marks = ReadonlyMap<string, string>;

export const marksOf = (kind: string, fields: Fields): Marks =>
  new Map(
    (GROUPS[kind] ?? [])
      .filter((group) => group.some((name) => name in fields))
      .map((group) => [group.join('+'), group.map((name) => textOf(fields[name])).join(' ')]),
  );

/** The service adds unknown values of items as null. */
const textOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.map((item: { name?: string }) => item.name).join()
    : JSON.stringify(value ?? null);

export const pick = <T>(random: Random, list: readonly T[]): T | undefined =>
  list[Math.floor(random() * list.length)];

const START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

/** Unique values: wherever one appears, its author is known. */
export class Values {
  private count = 0;

  constructor(
    private readonly device: number,
    private readonly random: Random,
  ) {}

  weight(): WeightFields {
    return {
      weight_value: (40_000 + this.device * 10_000 + this.next()) / 1_000,
      unit: this.random() < 0.5 ? 'kg' : 'lb',
      timestamp: this.instant(),
    };
  }

  meal(): MealFields {
    return { ...this.when(), meal_type: 'lunch', title: this.text('title'), note: null, items: this.items() };
  }

  /** Some of the groups of a meal. */
  mealParts(): Partial<MealFields> {
    const parts: (() => Partial<MealFields>)[] = [
      () => this.when(),
      () => ({ title: this.text('title') }),
      () => ({ note: this.text('note') }),
      () => ({ items: this.items() }),
      () => ({ title: this.text('title'), note: this.text('note') }),
    ];
    return pick(this.random, parts)?.() ?? {};
  }

  private when(): Pick<MealFields, 'eaten_at' | 'time_zone'> {
    return {
      eaten_at: this.instant(),
      time_zone: pick(this.random, ['Europe/Vienna', 'Pacific/Auckland', 'America/New_York']) ?? 'UTC',
    };
  }

  private items(): MealFields['items'] {
    return [{ name: this.text('item'), quantity: 1, unit: 'piece' }];
  }

  private instant(): string {
    return new Date(START + this.device * DAY_MS + this.next() * 1_000).toISOString();
  }

  private text(what: string): string {
    return `${what} ${this.device}.${this.next()}`;
  }

  private next(): number {
    return ++this.count;
  }
}
