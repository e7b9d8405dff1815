import { applyDecorators } from '@nestjs/common';
import { ApiSchema } from '@nestjs/swagger';

/** A complete body that Swagger UI fills in and Postman sends. The tests send every example to the service. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Examples by a short name. Swagger UI shows the first one at first. */
export type Examples = Readonly<Record<string, Example>>;

interface DocumentedOptions {
  /** What the whole body means. */
  readonly description: string;
  /** When there is none, one example is built from the examples of the fields. */
  readonly examples?: Examples;
}

const examplesOfSchema = new Map<string, Examples>();

/** Describes a DTO in Swagger, with complete example bodies. */
export const Documented = ({ description, examples }: DocumentedOptions): ClassDecorator =>
  applyDecorators(ApiSchema({ description }), (target: { name: string }) => {
    if (examples) examplesOfSchema.set(target.name, examples);
  }) as ClassDecorator;

/** The examples that are declared for the schema of this name. */
export const declaredExamples = (schemaName: string): Examples | undefined =>
  examplesOfSchema.get(schemaName);
