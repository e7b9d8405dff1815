import { createRequire } from 'node:module';

export interface KeyValue {
  key: string;
  value: string;
  disabled?: boolean;
  [more: string]: unknown;
}

interface Url {
  host: string[];
  path: string[];
  query: KeyValue[];
  variable: KeyValue[];
}

export interface Request {
  method: string;
  url: Url;
  header: KeyValue[];
  body?: { raw?: string; formdata?: (KeyValue & { type: string })[] };
  auth?: unknown;
  [more: string]: unknown;
}

interface SavedAnswer {
  name: string;
  code?: number;
  status: string;
  body?: string;
  originalRequest: Request;
}

export interface Item {
  name: string;
  request: Request;
  response: SavedAnswer[];
}

interface Folder {
  item?: (Folder | Item)[];
}

export interface Collection extends Folder {
  info: Record<string, unknown>;
}

type Result =
  | { result: true; output: { data: Collection }[] }
  | { result: false; reason: string };

interface Converter {
  convertV2(
    input: { type: 'string'; data: string },
    options: Readonly<Record<string, unknown>>,
    done: (error: Error | null, result: Result) => void,
  ): void;
}

// A CommonJS module without types.
const converter = createRequire(import.meta.url)('openapi-to-postmanv2') as Converter;

/** Converts an OpenAPI document with Postman's own converter. */
export function convert(openapi: string): Promise<Collection> {
  const options = {
    folderStrategy: 'Tags',
    parametersResolution: 'Example',
    enableOptionalParameters: false,
    includeAuthInfoInExample: false,
  };
  return new Promise((resolve, reject) => {
    converter.convertV2({ type: 'string', data: openapi }, options, (error, result) => {
      const collection = result?.result ? result.output[0]?.data : undefined;
      if (collection) resolve(collection);
      else reject(error ?? new Error(result && !result.result ? result.reason : 'The converter returned nothing'));
    });
  });
}

/** The requests of a collection by method and path, such as `GET /api/users/me`. */
export function requestsOf(collection: Collection): Map<string, Item> {
  return new Map(itemsIn(collection).map((item) => [routeOf(item.request), item]));
}

const itemsIn = (node: Folder | Item): Item[] =>
  'request' in node ? [node] : (node.item ?? []).flatMap(itemsIn);

const routeOf = ({ method, url }: Request): string =>
  `${method} /${url.path.map((part) => part.replace(/^:(.*)$/, '{$1}')).join('/')}`;
