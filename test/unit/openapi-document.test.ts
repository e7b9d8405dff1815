import { describe, expect, it } from 'vitest';
import { type ErrorCode, errors } from '../../src/kernel/http/errors.js';
import {
  document,
  examplesOf,
  type Json,
  media,
  nodesOf,
  operationOf,
  operations,
  parametersOf,
  resolve,
  responseOf,
  responsesOf,
  schemas,
  strictFaultsOf,
  successOf,
  WEIGHT,
} from '../http/openapi.support.js';

/** The properties of all schemas, by `Schema.property`. */
const properties: [string, Json][] = Object.entries(schemas).flatMap(([name, schema]) =>
  Object.entries((schema['properties'] ?? {}) as Record<string, Json>).map(
    ([property, node]): [string, Json] => [`${name}.${property}`, node],
  ),
);
const isSilent = ({ description }: Json): boolean => !(description?.length > 3);

describe('the OpenAPI document', () => {
  it('has a unique id, a summary and a description for every operation', () => {
    const tags = new Set(
      (document['tags'] as Json[]).filter((tag) => !isSilent(tag)).map(({ name }) => name),
    );
    const wanting = operations.filter(
      ({ spec }) =>
        isSilent(spec) ||
        !(spec['summary']?.length > 5) ||
        spec['tags'].length !== 1 ||
        !tags.has(spec['tags'][0]),
    );
    expect(wanting.map(({ route }) => route)).toEqual([]);
    const ids = operations.map(({ spec }) => spec['operationId'] as string);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+[A-Za-z]*$/.test(id))).toEqual([]);
  });

  it('describes every schema, every property and every parameter', () => {
    expect(Object.keys(schemas).filter((name) => isSilent(schemas[name] as Json))).toEqual([]);
    expect(properties.filter(([, node]) => isSilent(node)).map(([name]) => name)).toEqual([]);
    expect(operations.flatMap(parametersOf).filter(isSilent)).toEqual([]);
  });

  it('gives every plain property an example', () => {
    const bare = properties.filter(
      ([, { type, example }]) =>
        type !== undefined && ![type].flat().includes('array') && example === undefined,
    );
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('is OpenAPI 3.1: without `nullable`, wrapping `allOf` and repeated enums', () => {
    const enums = Object.values(schemas).flatMap((schema) =>
      schema['enum'] ? [JSON.stringify(schema['enum'])] : [],
    );
    expect(new Set(enums).size).toBe(enums.length);
    expect(properties.filter(([, node]) => enums.includes(JSON.stringify(node['enum'])))).toEqual([]);
    const old = [...nodesOf(document)].filter(
      ([, node]) => 'nullable' in node || node['allOf']?.length === 1,
    );
    expect(old.map(([path]) => path.join('.'))).toEqual([]);
    expect(schemas['User']?.['properties'].display_name.type).toEqual(['string', 'null']);
  });

  it('documents the range and the default of every number in a query', () => {
    const numbers = operations
      .flatMap(parametersOf)
      .filter((it) => it['in'] === 'query' && it['schema'].type === 'integer');
    expect(numbers.length).toBeGreaterThan(0);
    for (const { schema } of numbers)
      expect([schema.minimum, schema.maximum, schema.default]).toEqual(Array(3).fill(expect.any(Number)));
  });

  it('has no parameter example that Swagger UI would fill in and send', () => {
    const unasked = operations
      .flatMap(parametersOf)
      .filter(({ example, schema }) => example !== undefined || schema.example !== undefined);
    expect(unasked).toEqual([]);
  });

  it('has complete examples for every body, and each fits its schema', () => {
    for (const operation of operations) {
      const bodies = [['request', operation.spec['requestBody'] ?? {}], ...responsesOf(operation)] as [
        string,
        Json,
      ][];
      for (const [where, node] of bodies) {
        const { schema } = media(resolve(node)) ?? {};
        const examples = examplesOf(resolve(node));
        expect([operation.route, where, examples.length > 0]).toEqual([
          operation.route,
          where,
          schema !== undefined,
        ]);
        const faults = examples.flatMap(([name, value]) =>
          strictFaultsOf(schema, value).map((fault) => [name, fault]),
        );
        expect([operation.route, where, faults]).toEqual([operation.route, where, []]);
      }
    }
  });

  it('lists every error under its status, with an example by code', () => {
    for (const operation of operations) {
      const failures = responsesOf(operation).filter(([status]) => Number(status) >= 400);
      const misplaced = failures.flatMap(([status, response]) =>
        examplesOf(response).filter(([code]) => errors[code as ErrorCode].status !== Number(status)),
      );
      expect([operation.route, misplaced]).toEqual([operation.route, []]);
      const statuses = responsesOf(operation).map(([status]) => status);
      const expected = ['429', '500', '503', 'default', ...(operation.spec['security'] ? [] : ['401'])];
      expect([operation.route, statuses]).toEqual([operation.route, expect.arrayContaining(expected)]);
    }
  });

  it('lists every error of the catalogue for some operation', () => {
    const responses = operations.flatMap(responsesOf).map(([, response]) => resolve(response));
    const shown = new Set(responses.flatMap((response) => examplesOf(response).map(([code]) => code)));
    expect(Object.keys(errors).filter((code) => !shown.has(code))).toEqual([]);
  });

  it('documents the response headers that a client needs', () => {
    const fields = (route: string, status: string): string[] =>
      Object.keys(responseOf(operationOf(route), status)?.['headers']);
    for (const operation of operations) {
      const { route } = operation;
      expect(fields(route, '429')).toEqual(
        expect.arrayContaining(['Retry-After', 'RateLimit', 'RateLimit-Policy']),
      );
      expect(fields(route, '503')).toContain('Retry-After');
      expect(fields(route, successOf(operation)[0])).toEqual(
        expect.arrayContaining(['X-Request-Id', 'RateLimit', 'RateLimit-Policy']),
      );
    }
    expect(fields(`GET ${WEIGHT}/sync`, '200')).toContain('ETag');
    expect(fields(`GET ${WEIGHT}/sync`, '304')).toContain('ETag');
    expect(fields(`POST ${WEIGHT}`, '201')).toContain('Idempotency-Replayed');
    expect(fields(`POST ${WEIGHT}/sync`, '200')).toContain('Idempotency-Replayed');
  });
});
