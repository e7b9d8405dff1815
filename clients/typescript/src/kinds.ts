import { type Kind, RULES } from './kinds.generated.js';
import { HaleError } from './problem.js';
import { type FieldProblem, type KindRules, problemsOf } from './rules.js';
import type { Edit } from './outbox.js';
import type { Fields } from './wire.js';

/** Kind of the conflicts: read-only and always pulled. */
export const CONFLICT = 'conflict';

export const rulesOf = (kind: string): KindRules | undefined =>
  Object.hasOwn(RULES, kind) ? RULES[kind as Kind] : undefined;

/** The fields of a record that a client may send. For an unknown kind these are all fields. */
export function writable(kind: string, data: Fields): Fields {
  const { properties } = rulesOf(kind)?.fields ?? {};
  if (!properties) return data;
  return Object.fromEntries(Object.entries(data).filter(([name]) => Object.hasOwn(properties, name)));
}

/**
 * The edit with its fields in whole groups: what an update leaves out of a group comes from the record as the person sees it.
 * @throws HaleError `invalid` if the server would refuse the fields.
 */
export function completed<E extends Pick<Edit, 'kind' | 'op' | 'fields'>>(edit: E, shown: Fields = {}): E {
  const { kind, op } = edit;
  const rules = rulesOf(kind);
  if (!rules || op === 'delete') return edit;
  const fields = { ...edit.fields };
  const problems = takeDerived(rules, fields, shown);
  const isUpdate = op === 'update';
  const groups = rules.groups.filter((group) => !isUpdate || group.some((name) => name in fields));
  const names = new Set(groups.flat());
  const kept = Object.entries(shown).filter(([name]) => isUpdate && names.has(name));
  const whole = { ...Object.fromEntries(kept), ...fields };
  problems.push(...problemsOf(rules.fields, whole, names));
  if (problems.length === 0 && Object.keys(fields).length === 0)
    problems.push({ field: 'fields', code: 'required', message: 'at least one field is required' });
  if (problems.length > 0)
    throw new HaleError('invalid', problems.map(({ message }) => message).join('; '), problems);
  return { ...edit, fields: whole };
}

/**
 * Takes out the derived fields that the record shows: an app that edits a copy of a record sends them back as they were.
 * @returns what is wrong with those that have another value
 */
const takeDerived = (
  { fields: { properties = {} } }: KindRules,
  fields: Record<string, unknown>,
  shown: Fields,
) =>
  Object.keys(fields).flatMap((field): FieldProblem[] => {
    if (Object.hasOwn(properties, field) || !Object.hasOwn(shown, field)) return [];
    const isChanged = JSON.stringify(fields[field]) !== JSON.stringify(shown[field]);
    delete fields[field];
    const message = `${field} is computed by the service: leave it out`;
    return isChanged ? [{ field, code: 'not-allowed', message }] : [];
  });
