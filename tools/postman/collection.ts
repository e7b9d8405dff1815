import { v5 as uuidv5 } from 'uuid';
import { type Collection, convert, type Item, type KeyValue, requestsOf } from './convert.js';
import { chapters, type ChapterOperation } from './chapters.js';
import type { Chapter, Step } from './journey.js';

interface Operation {
  operationId: string;
  tags?: string[];
  parameters?: { in: string; name: string; required?: boolean; schema?: { examples?: unknown[] } }[];
  security?: unknown[];
  responses: Record<string, unknown>;
}

interface Documented {
  /** Method and path, such as `GET /api/users/me`. */
  route: string;
  operation: Operation;
}

/** Ids are derived from names, so that the same document gives the same file. */
const NAMESPACE = 'b5a1d1f0-3c1e-5f0a-9d57-0a4d6e5b7c21';
const idOf = (name: string): string => uuidv5(name, NAMESPACE);

const VARIABLES = {
  base_url: 'http://localhost:3000',
  password: 'correct horse battery staple',
  new_password: 'quiet river under seven stars',
};

/** Converts an OpenAPI document to a collection: requests in the order of the journey, each with a check of its answer. */
export async function makeCollection(openapi: string): Promise<object> {
  const documented = operationsOf(openapi);
  const all = chapters([...documented.values()].map(asChapterOperation));
  const converted = await convert(openapi);
  const requests = requestsOf(converted);
  const item = all.map(({ name, description, steps }) => ({
    id: idOf(name),
    name,
    description,
    item: steps.map((step) => makeItem(step, documented, requests)),
  }));
  return { ...frameOf(converted, all), item };
}

/** The variables that differ between servers. */
export const makeEnvironment = (): object => ({
  id: idOf('environment'),
  name: 'Hale (local)',
  values: Object.entries(VARIABLES)
    .filter(([key]) => key === 'base_url')
    .map(([key, value]) => ({ key, value, type: 'default', enabled: true })),
  _postman_variable_scope: 'environment',
});

const frameOf = ({ info }: Collection, all: readonly Chapter[]): object => ({
  info: { ...asMarkdown(info), _postman_id: idOf('collection') },
  auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{access_token}}', type: 'string' }] },
  variable: [
    ...Object.entries(VARIABLES),
    ...savedVariables(all).map((key): [string, string] => [key, '']),
  ].map(([key, value]) => ({ key, value, type: 'string' })),
});

/** The number of requests in the collection of this document. */
export const stepCount = (openapi: string): number =>
  chapters([...operationsOf(openapi).values()].map(asChapterOperation)).flatMap(({ steps }) => steps).length;

function asChapterOperation({ route, operation }: Documented): ChapterOperation {
  const [method = '', path = ''] = route.split(' ');
  const needed = (operation.parameters ?? []).filter((it) => it.in === 'query' && it.required === true);
  const required = Object.fromEntries(
    needed.map(({ name, schema }) => [name, String(schema?.examples?.[0] ?? '')]),
  );
  return { operationId: operation.operationId, tags: operation.tags ?? [], method, path, required };
}

const savedVariables = (all: readonly Chapter[]): string[] => [
  ...new Set(all.flatMap(({ steps }) => steps.flatMap(({ saves }) => Object.keys(saves ?? {})))),
];

function operationsOf(openapi: string): Map<string, Documented> {
  const { paths } = JSON.parse(openapi) as { paths: Record<string, Record<string, Operation>> };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
  return new Map(all.map((documented) => [documented.operation.operationId, documented]));
}

function makeItem(
  step: Step,
  documented: ReadonlyMap<string, Documented>,
  requests: ReadonlyMap<string, Item>,
): object {
  const { route, operation } = documented.get(step.operation) ?? {};
  const converted = requests.get(route ?? '');
  if (!converted || !operation) throw new Error(`openapi.json has no operation ${step.operation}`);
  const { name, request, response } = asMarkdown(structuredClone(converted));
  const success = Object.keys(operation.responses).find((status) => status.startsWith('2'));
  const title = step.name === undefined ? name : `${name}: ${step.name}`;
  fillIn(request.url.variable, step);
  fillIn(request.url.query, step);
  fillIn(request.header, step);
  if (request.body?.raw) request.body.raw = override(request.body.raw, step.body);
  // The converter writes an object as the text of a part. The person chooses the file.
  if (request.body?.formdata) request.body.formdata = request.body.formdata.filter(({ type }) => type === 'file');
  const { name: _, auth: __, ...shown } = request;
  return {
    id: idOf(title),
    name: title,
    request: { ...shown, ...(operation.security?.length === 0 ? { auth: { type: 'noauth' } } : {}) },
    response: response.filter(({ code }) => String(code) === success).map(asSaved),
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: script(step, Number(success)) } }],
    // Otherwise Postman omits the body of a DELETE.
    protocolProfileBehavior: { disableBodyPruning: true },
  };
}

/** Sets and enables the parameters of a step. */
function fillIn(parameters: KeyValue[], { parameters: values = {} }: Step): void {
  for (const parameter of parameters) {
    const value = values[parameter.key];
    if (value === undefined) continue;
    parameter.value = value;
    parameter.disabled = false;
  }
}

const override = (raw: string, fields: Step['body']): string =>
  JSON.stringify({ ...(JSON.parse(raw) as object), ...fields }, null, 2);

const asSaved = ({ name, code, status, body = '', originalRequest }: Item['response'][number]): object => ({
  id: idOf(`${originalRequest.method} ${originalRequest.url.path.join('/')} ${name}`),
  name,
  originalRequest,
  code,
  status,
  header: body === '' ? [] : [{ key: 'Content-Type', value: 'application/json; charset=utf-8' }],
  cookie: [],
  body,
  _postman_previewlanguage: body === '' ? 'text' : 'json',
});

function script({ status, saves = {} }: Step, success: number): string[] {
  const expected = status ?? success;
  const values = Object.values(saves).join(' ');
  return [
    `pm.test('answers ${expected}', () => pm.response.to.have.status(${expected}));`,
    ...(values.includes('body.') ? ['const body = pm.response.json();'] : []),
    ...(values.includes('headers.') ? ['const { headers } = pm.response;'] : []),
    ...Object.entries(saves).map(([name, value]) => `pm.collectionVariables.set('${name}', ${value});`),
  ];
}

/** The texts are Markdown, and path variables are named like the others. */
function asMarkdown<T>(node: T): T {
  const text = JSON.stringify(node)
    .replaceAll('"type":"text/plain"', '"type":"text/markdown"')
    .replaceAll('{{baseUrl}}', '{{base_url}}');
  return JSON.parse(text) as T;
}
