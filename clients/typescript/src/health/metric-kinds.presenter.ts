// Copied by `npm run generate` from src/modules/health/health-metrics/metric-kinds.presenter.ts: change it there.
import type { MetricComponent, MetricKind, MetricUnit, Range, RollUp } from './metric-kind.js';
import { CUSTOM_RANGE, decimalsIn, metricKinds, rangeIn, targetIn } from './metric-kinds.js';

/*
 * How kinds are shown, by the service and by its clients: it imports nothing that a client does not have.
 */

/** The values that readings should have, both included. */
export interface ShownTarget {
  readonly minimum: number;
  readonly maximum: number;
}

/** What is shown of a unit: the decimals, the ranges and the target are those of its kind, in this unit. */
export interface ShownUnit extends Omit<MetricUnit, 'ucum'> {
  readonly ucum: string | null;
  readonly decimals: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly usualMinimum: number;
  readonly usualMaximum: number;
  readonly target: ShownTarget | null;
}

export interface ShownComponent extends Pick<MetricComponent, 'name' | 'label' | 'loinc' | 'isOptional'> {
  units: ShownUnit[];
}

export interface ShownKind extends Omit<
  MetricKind,
  'category' | 'units' | 'hard' | 'soft' | 'target' | 'components' | 'contexts'
> {
  readonly category: MetricKind['category'] | 'custom';
  readonly target: ShownTarget | null;
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

type Limits = Pick<MetricKind, 'hard' | 'soft' | 'target' | 'decimals'>;

const CUSTOM_DECIMALS = 2;

/** The kinds of the product, then those of the person. */
export const shownKinds = (own: readonly OwnKind[]): ShownKind[] => [...shown, ...own.map(customKind)];

const shownTarget = ([minimum, maximum]: Range): ShownTarget => ({ minimum, maximum });

const shownUnit = (unit: MetricUnit, { hard, soft, target, decimals: canonical }: Limits): ShownUnit => {
  const decimals = decimalsIn(unit, canonical);
  const [minimum, maximum] = rangeIn(unit, hard);
  const [usualMinimum, usualMaximum] = rangeIn(unit, soft);
  return {
    ...unit,
    decimals,
    minimum,
    maximum,
    usualMinimum,
    usualMaximum,
    target: target && shownTarget(targetIn(unit, target, decimals)),
  };
};

const shownKind = ({ hard, soft, target, ...kind }: MetricKind): ShownKind => {
  const { decimals } = kind;
  return {
    ...kind,
    target: target && shownTarget(target),
    contexts: [...kind.contexts],
    units: kind.units.map((unit) => shownUnit(unit, { hard, soft, target, decimals })),
    components: kind.components.map(({ name, label, loinc, isOptional, isFixed, unit, ...ranges }) => ({
      name,
      label,
      loinc,
      isOptional,
      units: (isFixed ? [{ unit, ucum: unit, factor: 1, offset: 0 }] : kind.units).map((one) =>
        shownUnit(one, { ...ranges, target: null, decimals }),
      ),
    })),
  };
};

const shown = metricKinds.map(shownKind);

function customKind({ id, name, unit, rollUp, valueRange }: OwnKind): ShownKind {
  const range: Range = valueRange ? [valueRange.minimum, valueRange.maximum] : CUSTOM_RANGE;
  const [minimum, maximum] = range;
  const shared = { unit, ucum: null, factor: 1, offset: 0, decimals: CUSTOM_DECIMALS, target: null };
  return {
    name: `custom:${id}`,
    label: name,
    category: 'custom',
    unit,
    units: [{ ...shared, minimum, maximum, usualMinimum: minimum, usualMaximum: maximum }],
    loinc: null,
    decimals: CUSTOM_DECIMALS,
    target: null,
    rollUp,
    shape: 'point',
    components: [],
    contexts: [],
    hasTags: false,
    healthkit: null,
    healthConnect: null,
  };
}
