import { type Check, type ContractField, contractOf } from './contract.js';
import { cut } from './cut.js';
import type { Dto } from './field.js';
import type { FieldError } from './problem.js';

/*
 * Checks input by the declarations of a contract class. class-validator and class-transformer would first copy everything
 * that was sent, to the last entry of a list that is too long, before they check the length of the list.
 */

type Instance = Record<string, unknown>;

/** The codes of {@link FieldError}, by the name of the check that failed. */
const codes: Readonly<Record<string, string>> = {
  isIn: 'not-allowed',
  isString: 'wrong-type',
  isNumber: 'wrong-type',
  isInt: 'wrong-type',
  isBoolean: 'wrong-type',
  isArray: 'wrong-type',
  isObject: 'wrong-type',
  min: 'out-of-range',
  max: 'out-of-range',
  minLength: 'out-of-range',
  maxLength: 'out-of-range',
  isBodyWeight: 'out-of-range',
  arrayMinSize: 'out-of-range',
  arrayMaxSize: 'out-of-range',
};

/**
 * Checks input and converts it to an instance of the contract class.
 * @param isForgiven returns true for an error that is ignored.
 * @returns the instance, or the errors of its fields.
 */
export function validate<Shape extends object>(
  type: Dto<Shape>,
  plain: unknown,
  isForgiven: (error: FieldError) => boolean = () => false,
): Shape | FieldError[] {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain))
    return [{ field: '', code: 'wrong-type', message: 'must be an object' }];
  const errors: FieldError[] = [];
  const instance = check(type, plain, '', errors);
  const refused = errors.filter((error) => !isForgiven(error));
  return refused.length === 0 ? instance : refused;
}

/**
 * Makes the instance, converts its values to the types of its properties, and adds what is wrong to `errors`. An unknown
 * field is an error, so that a typo is not ignored. The entries of a list are checked only when the list itself is valid.
 */
function check<Shape extends object>(
  type: Dto<Shape>,
  plain: object,
  parent: string,
  errors: FieldError[],
): Shape {
  const { fields, byName } = contractOf(type);
  const instance = new type();
  const source = plain as Instance;
  for (const name of Object.keys(plain)) {
    const field = byName.get(name);
    const value = source[name];
    if (field) (instance as Instance)[field.property] = field.read ? field.read(value) : value;
    else errors.push({ field: parent + name, code: 'unknown-field', message: unknownField(name) });
  }
  for (const field of fields) checkField(field, instance as Instance, parent, errors);
  return instance;
}

/** Cuts the name, because the client chose it and it may be very long. */
const unknownField = (name: string): string => `${cut(name, 64)} is not a field of this request`;

function checkField(field: ContractField, instance: Instance, parent: string, errors: FieldError[]): void {
  const value = instance[field.property];
  if (value === undefined || value === null) {
    const fault = faultOfNothing(field, value);
    if (fault) errors.push({ field: parent + field.name, ...fault });
    return;
  }
  const failed = failedCheck(field, instance, value);
  if (failed) errors.push({ field: parent + field.name, ...failed });
  else if (field.type) instance[field.property] = checkNested(field, field.type(), value, parent, errors);
}

function faultOfNothing(
  field: ContractField,
  value: null | undefined,
): Omit<FieldError, 'field'> | undefined {
  if (value === undefined ? field.optional : field.nullable) return undefined;
  // For an optional field, null has the wrong type. The first check reports the expected type.
  return (
    (field.optional ? failedCheck(field, {}, value) : undefined) ?? {
      code: 'required',
      message: `${field.name} is required`,
    }
  );
}

function failedCheck(field: ContractField, instance: Instance, value: unknown) {
  for (const one of field.checks)
    if (!passes(one, instance, value))
      return { code: codes[one.name] ?? 'invalid', message: messageOf(one, field.name) };
  return undefined;
}

function checkNested(field: ContractField, type: Dto, value: object, parent: string, errors: FieldError[]) {
  const path = `${parent}${field.name}.`;
  return Array.isArray(value)
    ? value.map((entry: object, index) => check(type, entry, `${path}${index}.`, errors))
    : check(type, value, path, errors);
}

function passes({ args, validate: isValid, isForEach }: Check, object: object, value: unknown): boolean {
  args.object = object;
  args.value = value;
  return isForEach && Array.isArray(value)
    ? value.every((entry) => isValid(entry, args) === true)
    : isValid(value, args) === true;
}

/** The message of a check, without the client's value and with the field's name on the wire. */
const messageOf = ({ args, message }: Check, name: string): string =>
  message(args).replace(/\$(?:property|constraint(\d))/g, (_, place?: string) =>
    place === undefined ? name : [args.constraints[Number(place) - 1]].flat().join(', '),
  );
