import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { type ApiDocument, operationsOf, type Response } from '../../../kernel/http/openapi/document.js';
import { describeApi } from './openapi.js';

interface ProblemExample {
  readonly summary: string;
  readonly description: string;
}

/**
 * The document for Swagger UI: OpenAPI 3.0, which Swagger UI shows several times faster than 3.1, and with short answers.
 * An error is a line of text instead of a body, because all error bodies look the same; the fields of errors are explained
 * once, at the top of the page.
 */
export function describePage(app: INestApplication): OpenAPIObject {
  const page = describeApi(app, '3.0.3') as unknown as ApiDocument;
  const { examples, responses = {}, headers: _, ...components } = page.components;
  for (const name of Object.keys(responses))
    responses[name] = summarize(responses[name] as Response, examples as Record<string, ProblemExample>);
  for (const [, operation] of operationsOf(page)) {
    // The default answer lists the errors of any request. Those that concern this operation are listed by status.
    delete operation.responses['default'];
    for (const response of Object.values(operation.responses)) delete response.headers;
  }
  delete responses['Refused'];
  page.components = { ...components, responses };
  return page as unknown as OpenAPIObject;
}

function summarize({ content, description }: Response, examples: Record<string, ProblemExample>): Response {
  const codes = Object.keys(content?.['application/problem+json']?.['examples'] ?? {});
  if (codes.length === 0) return { description };
  return { description: codes.map((code) => `- \`${code}\` ${textOf(examples[code])}`).join('\n') };
}

const textOf = (example: ProblemExample | undefined): string =>
  example ? `**${example.summary}.** ${example.description}` : '';
