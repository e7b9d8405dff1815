import { HaleError } from './problem.js';
import { type FieldProblem, type KindDefinition, problemsOf } from './rules.js';
import type { Edit } from './outbox.js';
import type { Fields } from './wire.js';

/** Kind of the conflicts: read-only and always pulled. */
export const CONFLICT = 'conflict';

/**
 * The definitions by the names of their kinds.
 * @throws HaleError `unknown-kind` for anything else, such as a name, which only programs without types can give.
 */
export function definitionsOf(given: readonly KindDefinition[]): ReadonlyMap<string, KindDefinition> {
  if (!Array.isArray(given) || !given.every(isDefinition))
    throw new HaleError(
      'unknown-kind',
      "kinds must be definitions from '@hale/client/kinds', such as [weight, meal]",
    );
  return new Map(given.map((definition) => [definition.kind, definition]));
}

const isDefinition = (given: unknown): given is KindDefinition => {
  const { kind, groups, fields } = (given ?? {}) as Partial<KindDefinition>;
  return Boolean(kind && groups && fields);
};

/**
 * The fields of a record that a client may send. Without rules these are all fields: the server refuses derived ones, so that the
 * edit waits on the device, while leaving out a field would lose what a person entered.
 */
export function writable(rules: KindDefinition | undefined, data: Fields): Fields {
  const { properties } = rules?.fields ?? {};
  if (!properties) return data;
  return Object.fromEntries(Object.entries(data).filter(([name]) => Object.hasOwn(properties, name)));
}

/**
 * The edit with its fields in whole groups: what an update leaves out of a group comes from the record as the person sees it.
 * @throws HaleError `invalid` if the server would refuse the fields.
 */
export function completed<E extends Pick<Edit, 'op' | 'fields'>>(
  rules: KindDefinition | undefined,
  edit: E,
  shown: Fields = {},
): E {
  const { op } = edit;
  if (!rules || op === 'delete') return edit;
  const fields = withNulls(rules, edit.fields);
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

/** Empty lists as the server stores them, so that a person sees the same before and after an edit is sent. */
const withNulls = ({ fields: { properties = {} } }: KindDefinition, given: Fields = {}) =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const isNone = Array.isArray(value) && value.length === 0;
      return [name, isNone && properties[name]?.emptyAsNull ? null : value];
    }),
  );

/**
 * Takes out the derived fields that the record shows: an app that edits a copy of a record sends them back as they were.
 * @returns what is wrong with those that have another value
 */
const takeDerived = (
  { fields: { properties = {} } }: KindDefinition,
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
