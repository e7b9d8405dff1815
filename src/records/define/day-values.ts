import type { Resource } from '../../kernel/access/scopes.js';
import type { Actor } from '../../kernel/http/actor.js';

/** A unit in which a value may be entered: the canonical value is `value * factor + offset`. */
export interface DayUnit {
  readonly unit: string;
  readonly factor: number;
  readonly offset: number;
}

/** What an area knows by local day. */
export interface DaySubject {
  /** The first is the canonical one. */
  readonly units: readonly DayUnit[];
  /** How the values of several days become one. */
  readonly rollUp: 'sum' | 'average' | 'last' | 'max';
}

/** The value of one day, in the canonical unit, as the area's own summary has it. */
export interface DayValue {
  readonly value: number;
  /** How much it counts in an average: the number of its parts. */
  readonly weight: number;
  /** Whether a part of it is unknown, such as the energy of one of the meals. */
  readonly isPartial: boolean;
}

/**
 * The daily values of an area, for areas that must not import it. A provider of this class, of any module, is found when the
 * application starts.
 */
export abstract class DaySource {
  /** How its subjects are called in messages, such as `metric:<kind>`. */
  abstract readonly names: readonly string[];

  /** The resource whose scope lets an API key read the values. */
  abstract readonly resource: Resource;

  /** Undefined for a subject of another source, or one that has no daily value. */
  abstract find(subject: string): DaySubject | undefined;

  /**
   * The days of a period that have a value; the others are absent, because unknown is not zero.
   * @param from the first local day; `to` is the last, at most {@link MOST_DAYS} days in all
   */
  abstract valuesOf(
    actor: Actor,
    subject: string,
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValue>>;
}

/** Days that a source is asked for at once. */
export const MOST_DAYS = 92;
