// Copied by `npm run generate` from src/modules/health/health-metrics/metric-kind.ts: change it there.
/** A unit in which a value may be entered. */
export interface MetricUnit {
  /** The name in the API. The UCUM code is accepted, too. */
  readonly unit: string;
  readonly ucum: string;
  /** The canonical value is `value * factor + offset`. */
  readonly factor: number;
  readonly offset: number;
}

/** How the readings of a period become one value. */
export type RollUp = 'sum' | 'average' | 'last' | 'max';

/** The limits of a value, both inclusive. */
export type Range = readonly [minimum: number, maximum: number];

/** One value of several that belong together, such as the two of a blood pressure. */
export interface MetricComponent {
  readonly name: 'systolic' | 'diastolic' | 'pulse';
  readonly label: string;
  readonly loinc: string | null;
  /** The canonical unit. A component with `isFixed` always has it, whatever the unit of the reading is. */
  readonly unit: string;
  readonly isFixed: boolean;
  readonly isOptional: boolean;
  readonly hard: Range;
  readonly soft: Range;
}

export type Category = 'body' | 'vitals' | 'laboratory' | 'activity' | 'intake' | 'wellbeing';

/** What can be measured. The definition is code, so that every copy of the service agrees on it. */
export interface MetricKind {
  readonly name: string;
  readonly label: string;
  readonly category: Category;
  /** The canonical unit. It is the first of `units`. */
  readonly unit: string;
  readonly units: readonly MetricUnit[];
  /** The LOINC code, where a published value set that the tests read has it. */
  readonly loinc: string | null;
  /** Outside it a value is refused; in the canonical unit. Not medical advice. */
  readonly hard: Range;
  /** Outside it a value is accepted and flagged as implausible. */
  readonly soft: Range;
  /** The values that readings should have, in the canonical unit; null where there is no consensus. */
  readonly target: Range | null;
  /** Decimals that an app shows in the canonical unit. */
  readonly decimals: number;
  readonly rollUp: RollUp;
  /** `interval`: a reading has a start and an end, and intervals that overlap count once. */
  readonly shape: 'point' | 'interval';
  readonly components: readonly MetricComponent[];
  /** The values of `context`. Empty when there is none. */
  readonly contexts: readonly string[];
  /** Whether a person may tag a reading in their own words. */
  readonly hasTags: boolean;
  /** The type identifier in HealthKit, without its prefix. */
  readonly healthkit: string | null;
  /** The record type in Health Connect. */
  readonly healthConnect: string | null;
}

/** What a definition says of a kind, without what has a default. */
type Definition = Pick<MetricKind, 'label' | 'unit' | 'hard'> &
  Partial<Omit<MetricKind, 'name' | 'units' | 'unit' | 'label' | 'hard'>> & {
    /** The units beside the canonical one. */
    readonly accepts?: readonly MetricUnit[];
  };

/** Completes the definitions of one category. */
export const kindsOf = (
  category: Category,
  definitions: Readonly<Record<string, Definition>>,
): MetricKind[] =>
  Object.entries(definitions).map(([name, { accepts = [], ...kind }]) => ({
    name,
    category,
    loinc: null,
    soft: kind.hard,
    target: null,
    decimals: 0,
    rollUp: 'last',
    shape: 'point',
    components: [],
    contexts: [],
    hasTags: false,
    healthkit: null,
    healthConnect: null,
    ...kind,
    units: [unit(kind.unit), ...accepts],
  }));

/** The UCUM codes of units whose name in the API differs from it. */
const UCUM: Readonly<Record<string, string>> = {
  degC: 'Cel',
  mmHg: 'mm[Hg]',
  steps: '{steps}',
  floors: '{floors}',
  drinks: '{drinks}',
  score: '{score}',
};

/** A unit of a kind: how many canonical units it has, and where its zero is. */
export const unit = (name: string, factor = 1, ucum = UCUM[name] ?? name, offset = 0): MetricUnit => ({
  unit: name,
  ucum,
  factor,
  offset,
});
