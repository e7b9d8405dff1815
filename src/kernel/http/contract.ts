import { getMetadataStorage } from 'class-validator';
import { snakeCase } from '../../platform/database/naming.js';
import { textOf } from './check-texts.js';
import { type Dto, FIELD, type FieldDescriptor } from './field.js';

/*
 * Reads the fields of a contract class, once, from class-validator's metadata through its public API. It finds the fields
 * of the class itself, of its base classes, and those that Nest's mapped types copied.
 */

export interface CheckArguments {
  readonly targetName: string;
  readonly property: string;
  readonly constraints: readonly unknown[];
  object: object;
  value: unknown;
}

/** One check of class-validator. */
export interface Check {
  readonly name: string;
  readonly isForEach: boolean;
  readonly isAsync: boolean;
  readonly args: CheckArguments;
  readonly validate: (value: unknown, args: CheckArguments) => unknown;
  readonly message: (args: CheckArguments) => string;
}

export interface ContractField extends FieldDescriptor {
  /** The name in code. */
  readonly property: string;
  /** The name on the wire. */
  readonly name: string;
  /** Whether something other than the field's own decorator made it optional, such as `PartialType`. */
  readonly madeOptional: boolean;
  /** They run in this order, and the first that fails is reported. */
  readonly checks: readonly Check[];
}

/** The fields of a contract class. */
export interface Contract {
  /** Inherited fields come first. */
  readonly fields: readonly ContractField[];
  /** The fields by their wire names. */
  readonly byName: ReadonlyMap<string, ContractField>;
  /** Why the class cannot be a contract: some of its declarations would not be checked. */
  readonly faults: readonly string[];
}

/** The contract of a class. @throws Error when the class is no contract, or cannot be checked completely. */
export function contractOf(type: Dto): Contract {
  const contract = readContract(type);
  if (contract.faults.length > 0) throw new Error(contract.faults.join('\n'));
  return contract;
}

/** The contract of a class, together with its faults. */
export function readContract(type: Dto): Contract {
  const known = contracts.get(type) ?? compile(type);
  contracts.set(type, known);
  return known;
}

const contracts = new WeakMap<Dto, Contract>();
const storage = getMetadataStorage();
type Metadata = ReturnType<typeof storage.getTargetValidationMetadatas>[number];

function compile(type: Dto): Contract {
  const faults: string[] = [];
  const fields: ContractField[] = [];
  const properties = levelsOf(type);
  for (const [property, levels] of properties) {
    const made = compileField(type, property, levels);
    if (typeof made === 'string') faults.push(`${type.name}.${property}: ${made}`);
    else fields.push(made);
  }
  if (properties.size === 0)
    faults.push(`${type.name} has no field with a decorator from kernel/http/fields`);
  return { fields, byName: new Map(fields.map((one) => [one.name, one])), faults };
}

/** The declarations of each property by each class of the inheritance chain, the base class first. */
function levelsOf(type: Dto): Map<string, Metadata[][]> {
  const levels = new Map<string, Metadata[][]>();
  for (const target of chainOf(type)) {
    const all = storage.getTargetValidationMetadatas(target, '', false, false);
    const own = all.filter((metadata) => metadata.target === target);
    for (const property of new Set(own.map(({ propertyName }) => propertyName))) {
      const level = own.filter(({ propertyName }) => propertyName === property);
      levels.set(property, [...(levels.get(property) ?? []), level]);
    }
  }
  return levels;
}

function chainOf(type: Dto): Dto[] {
  const chain: Dto[] = [];
  for (let prototype = type.prototype as object | null; prototype && prototype !== Object.prototype;) {
    chain.unshift(prototype.constructor as Dto);
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return chain;
}

/** Compiles a field. @returns the field, or a text that says why it cannot be checked completely. */
function compileField(type: Dto, property: string, levels: readonly Metadata[][]): ContractField | string {
  // A class that declares a property again replaces the declarations of its base class.
  const declaring = levels.findLastIndex((level) => level.some(({ type: kind }) => kind === CUSTOM));
  const own = levels[declaring] ?? [];
  const later = levels.slice(Math.max(declaring, 0)).flat();
  const carriers = own.filter(({ name }) => name === FIELD);
  const [descriptor, ...others] = carriers.map(({ constraints }) => constraints?.[0] as FieldDescriptor);
  if (!descriptor) return 'has checks, but no decorator from kernel/http/fields';
  if (others.some((other) => other !== descriptor)) return 'is declared twice, in different ways';
  const foreign = later.find(({ type: kind }) => kind !== CUSTOM && kind !== CONDITIONAL && kind !== ALLOWED);
  if (foreign) return `${foreign.type} does not work here; use ObjectField or ListField`;
  const conditions = later.filter(({ type: kind, context }) => kind === CONDITIONAL && context !== FIELD);
  if (!conditions.every(skipsOnlyAbsence)) return 'ValidateIf could skip its checks';
  const checks = own.filter(({ name }) => name !== FIELD).flatMap((metadata) => checksOf(type, metadata));
  if (checks.some(({ isAsync }) => isAsync)) return 'has an asynchronous check';
  const madeOptional = conditions.length > 0;
  const optional = descriptor.optional || madeOptional;
  return { ...descriptor, property, name: snakeCase(property), optional, madeOptional, checks };
}

const CUSTOM = 'customValidation';
const CONDITIONAL = 'conditionalValidation';
const ALLOWED = 'whitelistValidation';

/** Whether a condition skips the checks only for an absent value, as `IsOptional` and `PartialType` do. */
function skipsOnlyAbsence({ name, constraints }: Metadata): boolean {
  // The field itself declares whether null may be sent.
  if (name === 'isOptional') return true;
  const applies = constraints?.[0] as (object: object, value: unknown) => boolean;
  try {
    return !applies(unreadable, undefined) && PROBES.every((value) => applies(unreadable, value));
  } catch {
    return false;
  }
}

/** Throws when a condition reads it: a condition that reads other fields could skip the checks of any value. */
const unreadable = new Proxy(
  {},
  {
    get: () => {
      throw new Error('A condition looked at another field');
    },
  },
);
const PROBES: readonly unknown[] = ['', 'x', 0, 1, false, true, [], {}];

function checksOf(type: Dto, metadata: Metadata): Check[] {
  const { constraintCls, propertyName: property, constraints = [], each: isForEach, message } = metadata;
  if (constraintCls === undefined) return [];
  return storage.getTargetValidatorConstraints(constraintCls).map(({ name, instance, async: isAsync }) => ({
    name,
    isForEach,
    isAsync,
    args: { targetName: type.name, property, constraints, object: {}, value: undefined },
    validate: (value, args) => instance.validate(value, args as never),
    message: (args) =>
      typeof message === 'function'
        ? message(args as never)
        : (message ?? textOf(name, isForEach, constraints) ?? instance.defaultMessage?.(args as never) ?? ''),
  }));
}
