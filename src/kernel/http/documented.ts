import { applyDecorators } from '@nestjs/common';
import { ApiSchema } from '@nestjs/swagger';

/** A whole body: what Swagger fills in and Postman sends. The tests send each to the service. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** By a short name; the first is the one that is shown first. */
export type Examples = Readonly<Record<string, Example>>;

interface DocumentedOptions {
  /** What the body as a whole means. */
  readonly description: string;
  /** Without any, one body is made of the examples of the fields. */
  readonly examples?: Examples;
}

const examplesOfSchema = new Map<string, Examples>();

/** Says in Swagger what a DTO is, and shows it whole. */
export const Documented = ({ description, examples }: DocumentedOptions): ClassDecorator =>
  applyDecorators(ApiSchema({ description }), (target: { name: string }) => {
    if (examples) examplesOfSchema.set(target.name, examples);
  }) as ClassDecorator;

/** The whole bodies declared for the schema of this name. */
export const declaredExamples = (schemaName: string): Examples | undefined =>
  examplesOfSchema.get(schemaName);
