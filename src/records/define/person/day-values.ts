import type { Resource } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';

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
  /** Null if there is something on the day, and none of it says the value. */
  readonly value: number | null;
  /** How much it counts in an average: the number of its parts. */
  readonly weight: number;
  /** Whether a part of it is unknown, such as the energy of one of the items of a meal. */
  readonly isPartial: boolean;
  /** Of how many things, such as items of meals, the value is known, and how many there are. Absent where nothing is counted. */
  readonly coverage?: Coverage;
  /** Whether time alone may still change it: a dose that is not due yet becomes one that was missed. */
  readonly isOpen?: boolean;
}

export interface Coverage {
  readonly known: number;
  readonly total: number;
}

/** The values of one subject by local day. Days on which there is nothing are absent, because unknown is not zero. */
export type DayValues = ReadonlyMap<string, DayValue>;

/** Whose values. */
export type OfPerson = Pick<Actor, 'userId'>;

/**
 * The daily values of an area, for areas that must not import it. A provider of this class, of any module, is found when the
 * application starts.
 */
export abstract class DaySource {
  /** How its subjects are called in messages, such as `metric:<kind>`. */
  abstract readonly names: readonly string[];

  /** The resource whose scope lets an API key read the values. */
  abstract readonly resource: Resource;

  /** The kinds of records from which its values are computed. Who keeps values learns from their changes what is not true any more. */
  abstract readonly kinds: readonly string[];

  /** Whether the values also depend on the time zone of the profile. */
  readonly dependsOnZone: boolean = false;

  /**
   * Whether changes of records move a subject of this source. Days that they do not name may have changed, too, when they have none.
   * @param parts what these records count for: see `RecordChange`
   */
  moves(_subject: string, _kind: string, _parts: ReadonlySet<string>): boolean {
    return true;
  }

  /** Whether a subject is one of this source, by its name. The person may lack it nevertheless: see {@link find}. */
  abstract has(subject: string): boolean;

  /** Some of its subjects. Those that the person does not have, or that have no daily value, are absent. */
  abstract find(person: OfPerson, subjects: readonly string[]): Promise<ReadonlyMap<string, DaySubject>>;

  /**
   * The values of some of its subjects, which {@link find} has found. Those with common records are read together.
   * @param from the first local day; `to` is the last, at most {@link MOST_DAYS} days in all
   * @throws Problem `validation` if these are too many days for what is stored
   */
  abstract valuesOf(
    person: OfPerson,
    subjects: readonly string[],
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValues>>;
}

/** Days that a source is asked for at once. */
export const MOST_DAYS = 92;
