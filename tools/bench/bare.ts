import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { v7 as uuidv7 } from 'uuid';
import { type BareWeight, openStore, type Store } from './bare-store.js';

/*
 * The program that the service is compared with: the least that returns the same answers. It authenticates nobody and
 * checks nothing, and is not for use.
 */

async function list(store: Store, userId: string, limit: number): Promise<string> {
  const [rows, total] = await Promise.all([store.list(userId, limit), store.count(userId)]);
  return JSON.stringify({ data: rows, pagination: { total, limit, offset: 0 } });
}

type Entered = Pick<BareWeight, 'weight_value' | 'unit' | 'timestamp'>;

function weightOf(userId: string, { weight_value, unit, timestamp }: Entered): BareWeight {
  const now = new Date();
  return {
    id: uuidv7(),
    user_id: userId,
    weight_value,
    unit,
    timestamp: new Date(timestamp),
    created_at: now,
    updated_at: now,
    version: 1,
  };
}

async function create(store: Store, userId: string, body: string): Promise<string> {
  const weight = weightOf(userId, JSON.parse(body) as Entered);
  await store.insert(weight);
  return JSON.stringify(weight);
}

interface Push {
  readonly entries?: readonly Entered[];
  readonly mutations?: readonly { readonly fields: Entered }[];
}

/** A push of either protocol: the relevant content is the same. */
async function push(store: Store, userId: string, body: string): Promise<string> {
  const { entries, mutations = [] } = JSON.parse(body) as Push;
  const entered = entries ?? mutations.map(({ fields }) => fields);
  const weights = entered.map((fields) => weightOf(userId, fields));
  await store.insertAll(userId, weights);
  return JSON.stringify({ results: weights });
}

const pull = async (store: Store, userId: string, limit: number): Promise<string> =>
  JSON.stringify({ changes: await store.changes(userId, limit), has_more: true });

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
  return body;
}

async function answer(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const userId = String(request.headers['x-user-id']);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bare');
  const limit = Number(searchParams.get('limit'));
  switch (`${request.method} ${pathname}`) {
    case 'POST /':
      return send(response, 201, await create(store, userId, await bodyOf(request)));
    case 'POST /push':
      return send(response, 200, await push(store, userId, await bodyOf(request)));
    case 'GET /pull':
      return send(response, 200, await pull(store, userId, limit));
    case 'GET /sums':
      return send(response, 200, JSON.stringify({ data: await store.sums(userId) }));
    case 'GET /head':
      return void response.writeHead(304, { etag: `"${await store.head(userId)}"` }).end();
    default:
      return send(response, 200, await list(store, userId, limit));
  }
}

const send = (response: ServerResponse, status: number, body: string): void =>
  void response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    })
    .end(body);

const store = await openStore(process.env['DATABASE_URL'] ?? '');
createServer((request, response) => {
  answer(store, request, response).catch((error: unknown) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(Number(process.env['PORT']), process.env['HOST']);
process.once('SIGTERM', () => process.exit());
