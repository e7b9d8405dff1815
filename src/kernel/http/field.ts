import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateBy, ValidateIf } from 'class-validator';
import { snakeCase } from '../../platform/database/naming.js';

/** A contract class. Its fields are declared by the decorators in `fields.ts`. */
export type Dto<Shape extends object = object> = new () => Shape;

export interface FieldOptions {
  /** Meaning, unit and source of the value. */
  readonly description: string;
  readonly example: unknown;
  /** Whether the field may be absent. False by default. */
  readonly optional?: boolean;
  /** Whether the field may be null, which means "none". False by default. */
  readonly nullable?: boolean;
}

/** How a value is converted between code and wire. */
export interface FieldShape {
  /** The type of the property in code. */
  readonly holds: 'String' | 'Number' | 'Boolean' | 'Date' | 'Array' | 'Object';
  /** Converts a wire value to the value in code. It returns a value unchanged that it cannot read; the checks refuse it. */
  readonly read?: (value: unknown) => unknown;
  /** Converts a value in code to its wire value. */
  readonly write?: (value: unknown) => unknown;
  /** The contract class of the object, or of each entry of the list. */
  readonly type?: () => Dto;
  /** The value fits one of these contract classes. The service that uses the value must check it against one. */
  readonly anyOf?: readonly Dto[];
  /** Why the field cannot be part of a request. Undefined when it can. */
  readonly answerOnly?: string;
}

/** The part of a field's schema that limits its values. */
export interface FieldSchema {
  readonly type?: unknown;
  readonly format?: string;
  readonly maxLength?: number;
  readonly maxItems?: number | undefined;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
}

/** The declaration that a field decorator stores. */
export interface FieldDescriptor extends FieldShape {
  /** The limits that Swagger shows and the checks apply. */
  readonly schema: FieldSchema;
  readonly optional: boolean;
  readonly nullable: boolean;
}

/** The name of the validator that holds a descriptor, and the context of the `ValidateIf` beside it. */
export const FIELD = 'contractField';

/**
 * Makes a field decorator; all decorators of `fields.ts` use it. The descriptor is stored as a constraint of a validator,
 * so that subclasses inherit it and Nest's mapped types copy it together with the checks.
 * @param checks class-validator decorators. The first that fails is reported, so put the type before the range.
 */
export const field =
  (
    shape: FieldShape,
    options: FieldOptions,
    schema: ApiPropertyOptions,
    checks: readonly PropertyDecorator[],
  ): PropertyDecorator =>
  (prototype, key) => {
    const { description, example, optional = false, nullable = false } = options;
    const descriptor: FieldDescriptor = { ...shape, schema: schema as FieldSchema, optional, nullable };
    const documented = { description, example, required: !optional, nullable, ...schema };
    applyDecorators(
      // Needed also when the condition is always true: it replaces the conditions of a base class for this property.
      ValidateIf((_, value) => !(optional && value === undefined) && !(nullable && value === null), {
        context: FIELD,
      }),
      ValidateBy({ name: FIELD, constraints: [descriptor], validator: { validate: () => true } }),
      ApiProperty({ ...documented, name: snakeCase(String(key)) } as ApiPropertyOptions),
      ...checks,
    )(prototype, key);
  };
