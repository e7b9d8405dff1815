import type { MetricComponent, MetricKind, MetricUnit, Range, RollUp } from './metric-kind.js';
import { CUSTOM_RANGE, metricKinds, rangeIn } from './metric-kinds.js';

/*
 * How kinds are shown, by the service and by its clients: it imports nothing that a client does not have.
 */

/** What is shown of a unit: the ranges are those of its kind, in this unit. */
export interface ShownUnit extends Omit<MetricUnit, 'ucum'> {
  readonly ucum: string | null;
  readonly minimum: number;
  readonly maximum: number;
  readonly usualMinimum: number;
  readonly usualMaximum: number;
}

export interface ShownComponent extends Pick<MetricComponent, 'name' | 'label' | 'loinc' | 'isOptional'> {
  units: ShownUnit[];
}

export interface ShownKind extends Omit<
  MetricKind,
  'category' | 'units' | 'hard' | 'soft' | 'components' | 'contexts'
> {
  readonly category: MetricKind['category'] | 'custom';
  units: ShownUnit[];
  components: ShownComponent[];
  contexts: string[];
}

/** A kind that one person made up. */
export interface OwnKind {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly rollUp: RollUp;
  readonly valueRange?: { readonly minimum: number; readonly maximum: number } | null;
}

interface Ranges {
  readonly hard: Range;
  readonly soft: Range;
}

/** The kinds of the product, then those of the person. */
export const shownKinds = (own: readonly OwnKind[]): ShownKind[] => [...shown, ...own.map(customKind)];

const shownUnit = (unit: MetricUnit, { hard, soft }: Ranges): ShownUnit => {
  const [minimum, maximum] = rangeIn(unit, hard);
  const [usualMinimum, usualMaximum] = rangeIn(unit, soft);
  return { ...unit, minimum, maximum, usualMinimum, usualMaximum };
};

const shownKind = ({ hard, soft, ...kind }: MetricKind): ShownKind => ({
  ...kind,
  contexts: [...kind.contexts],
  units: kind.units.map((unit) => shownUnit(unit, { hard, soft })),
  components: kind.components.map(({ name, label, loinc, isOptional, isFixed, unit, ...ranges }) => ({
    name,
    label,
    loinc,
    isOptional,
    units: isFixed
      ? [shownUnit({ unit, ucum: unit, factor: 1, offset: 0 }, ranges)]
      : kind.units.map((one) => shownUnit(one, ranges)),
  })),
});

const shown = metricKinds.map(shownKind);

function customKind({ id, name, unit, rollUp, valueRange }: OwnKind): ShownKind {
  const range: Range = valueRange ? [valueRange.minimum, valueRange.maximum] : CUSTOM_RANGE;
  const [minimum, maximum] = range;
  const shared = { unit, ucum: null, factor: 1, offset: 0 };
  return {
    name: `custom:${id}`,
    label: name,
    category: 'custom',
    unit,
    units: [{ ...shared, minimum, maximum, usualMinimum: minimum, usualMaximum: maximum }],
    loinc: null,
    decimals: 2,
    rollUp,
    shape: 'point',
    components: [],
    contexts: [],
    healthkit: null,
    healthConnect: null,
  };
}
