import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { v7 as uuidv7 } from 'uuid';
import { type BareWeight, openStore, type Store } from './bare-store.js';

/*
 * What the service is compared with: the least a program can do that answers the same. It asks nobody who they are,
 * checks nothing, orders nothing, and is not for use.
 */

async function list(store: Store, userId: string, limit: number): Promise<string> {
  const [rows, total] = await Promise.all([store.list(userId, limit), store.count(userId)]);
  return JSON.stringify({ data: rows, pagination: { total, limit, offset: 0 } });
}

async function create(store: Store, userId: string, body: string): Promise<string> {
  const { weight_value, unit, timestamp } = JSON.parse(body) as BareWeight;
  const now = new Date();
  const weight: BareWeight = {
    id: uuidv7(),
    user_id: userId,
    weight_value,
    unit,
    timestamp: new Date(timestamp),
    created_at: now,
    updated_at: now,
    version: 1,
  };
  await store.insert(weight);
  return JSON.stringify(weight);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
  return body;
}

async function answer(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const userId = String(request.headers['x-user-id']);
  const { searchParams } = new URL(request.url ?? '/', 'http://bare');
  const isCreation = request.method === 'POST';
  const body = isCreation
    ? await create(store, userId, await bodyOf(request))
    : await list(store, userId, Number(searchParams.get('limit')));
  response
    .writeHead(isCreation ? 201 : 200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
}

const store = await openStore(process.env['DATABASE_URL'] ?? '');
createServer((request, response) => {
  answer(store, request, response).catch((error: unknown) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(Number(process.env['PORT']), process.env['HOST']);
process.once('SIGTERM', () => process.exit());
