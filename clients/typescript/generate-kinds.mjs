import { readFileSync, writeFileSync } from 'node:fs';

/*
 * Writes src/kinds.generated.ts: the kinds that openapi.json lists and the types of their fields; and src/definitions.generated.ts: for
 * each kind the rules by which fields are completed and checked before they are stored. An app imports those of the kinds it uses, and
 * a bundler leaves out the others. A new kind of the service is known here without a line by hand.
 */
const { 'x-kinds': kinds, components } = JSON.parse(readFileSync('../../openapi.json', 'utf8'));

const pascal = (kind) => kind.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());
const camel = (kind) => kind.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const nameOf = ({ $ref }) => $ref.split('/').at(-1);
const schema = (reference) => `components['schemas']['${nameOf(reference)}']`;
const entries = Object.entries(kinds);

/** The members of a schema that the client checks; texts for people are left out. */
const CHECKED = [
  'type',
  'enum',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'required',
];

/**
 * The schema without references. Of a choice only "this or null" is checked. What an object in an entry of a list contains is checked
 * by the server alone, so that rules stay small.
 * @param place `record`; `entry` of a list; or `member` of such an entry
 */
function ruleOf(given, place = 'record') {
  const found = given.$ref ? components.schemas[nameOf(given)] : given;
  const [first, other] = found.anyOf ?? [];
  if (found.anyOf?.length === 2 && other.type === 'null') {
    const rule = ruleOf(first, place);
    return { ...rule, type: [rule.type, 'null'] };
  }
  if (place === 'member' && found.properties) return { type: 'object' };
  const rule = {};
  for (const member of CHECKED) if (member in found) rule[member] = found[member];
  if (found['x-range-by']) rule.rangeBy = found['x-range-by'];
  if (found['x-empty-as-null']) rule.emptyAsNull = true;
  if (found.items) rule.items = ruleOf(found.items, 'entry');
  const inside = place === 'entry' ? 'member' : place;
  if (found.properties)
    rule.properties = Object.fromEntries(
      Object.entries(found.properties).map(([name, property]) => [name, ruleOf(property, inside)]),
    );
  return rule;
}

/** The field that lists are ordered by: the first instant of the kind, or its first day. */
function timeOf({ properties }) {
  const fields = Object.entries(properties);
  for (const format of ['date-time', 'date'])
    for (const [name, rule] of fields) if (rule.format === format) return { time: name };
  return {};
}

function definitionOf(kind, { fields, groups, prevails }) {
  const rule = ruleOf(fields);
  // The fields of a record are always an object.
  delete rule.type;
  return { kind, groups, ...(prevails && { prevails }), ...timeOf(rule), fields: rule };
}

writeFileSync(
  'src/kinds.generated.ts',
  `// Made by \`npm run generate\` from openapi.json.
import type { components } from './schema.js';

${entries.map(([kind, { fields }]) => `export type ${pascal(kind)}Fields = ${schema(fields)};`).join('\n')}

/** By kind, what a person enters, and what a record says. */
export interface Kinds {
${entries.map(([kind, { fields, data }]) => `  ${kind}: { fields: ${schema(fields)}; data: ${schema(data)} };`).join('\n')}
}

export type Kind = keyof Kinds;
`,
);

writeFileSync(
  'src/definitions.generated.ts',
  `// Made by \`npm run generate\` from openapi.json.
import type { KindDefinition } from './rules.js';

${entries
  .map(
    ([kind, own]) => `/** ${components.schemas[nameOf(own.fields)].description} */
export const ${camel(kind)}: KindDefinition<'${kind}'> = ${JSON.stringify(definitionOf(kind, own))};`,
  )
  .join('\n\n')}
`,
);
