import { applyDecorators } from '@nestjs/common';
import { ApiSchema } from '@nestjs/swagger';

/** A complete body that Swagger UI fills in and Postman sends. The tests send every example to the service. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Examples by a short name. Swagger UI shows the first one at first. */
export type Examples = Readonly<Record<string, Example>>;

/** Rules between the fields of a body, by their names on the wire. The code that uses the body checks them. */
export interface FieldRules {
  /** Sent together or not at all. */
  readonly together?: readonly string[];
  /** One of them is sent, and only one. */
  readonly exactlyOne?: readonly string[];
}

interface DocumentedOptions extends FieldRules {
  /** What the whole body means. */
  readonly description: string;
  /** When there is none, one example is built from the examples of the fields. */
  readonly examples?: Examples;
}

const examplesOfSchema = new Map<string, Examples>();
const rulesOfSchema = new Map<string, FieldRules>();

/** Describes a DTO in Swagger, with complete example bodies. */
export const Documented = ({ description, examples, ...rules }: DocumentedOptions): ClassDecorator =>
  applyDecorators(ApiSchema({ description }), (target: { name: string }) => {
    if (examples) examplesOfSchema.set(target.name, examples);
    if (Object.keys(rules).length > 0) rulesOfSchema.set(target.name, rules);
  }) as ClassDecorator;

/** The examples that are declared for the schema of this name. */
export const declaredExamples = (schemaName: string): Examples | undefined =>
  examplesOfSchema.get(schemaName);

/** The rules that are declared for the schema of this name. */
export const declaredRules = (schemaName: string): FieldRules | undefined => rulesOfSchema.get(schemaName);
