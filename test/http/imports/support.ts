import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { ImportsPolicy } from '../../../src/modules/health/imports/imports.policy.js';
import type { Answer, Api } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { realData } from '../../support/real-data.js';
import { until } from '../../support/until.js';

export const IMPORTS = '/api/imports';

/** Files of real people, published for research. */
export const hasFitbit = (): boolean => existsSync(realData('fitbit'));
export const fitbit = (name: string): string => readFileSync(realData(`fitbit/${name}_merged.csv`), 'utf8');

/** Shorter intervals, so that tests do not wait. */
export class HastyPolicy extends ImportsPolicy {
  override readonly pollMs: number = 50;
  override readonly tellMs: number = 20;
  override readonly renewMs: number = 50;
  override readonly chunkRecords: number = 50;
  /** Previews keep no file, so that a test sees which file is left. */
  override readonly keepFileBytes: number = 0;
}

export const hasty = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  builder.overrideProvider(ImportsPolicy).useClass(HastyPolicy);

/** The same, and previews keep their files. */
export const keeping = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  builder.overrideProvider(ImportsPolicy).useClass(KeepingPolicy);

class KeepingPolicy extends HastyPolicy {
  override readonly keepFileBytes = 4 * 1_024 ** 3;
}

export interface Sent {
  readonly content: string | Buffer;
  readonly name?: string;
  readonly query?: string;
  readonly mapping?: object | string;
}

/** Uploads a file as a browser does. */
export async function upload(
  person: Api,
  { content, name = 'file.csv', query = '', mapping }: Sent,
): Promise<Answer> {
  const form = new FormData();
  if (mapping !== undefined)
    form.append('mapping', typeof mapping === 'string' ? mapping : JSON.stringify(mapping));
  form.append('file', new Blob([content]), name);
  return post(person, query, form);
}

export async function post(person: Api, query: string, body: FormData): Promise<Answer> {
  const answer = await fetch(`${person.url}${IMPORTS}${query}`, {
    method: 'POST',
    headers: person.headers,
    body,
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
}

/** The import when it has ended. */
export async function ended(person: Api, id: string): Promise<Answer['body']> {
  let body: Answer['body'] = {};
  await until(async () => {
    ({ body } = await person.get(`${IMPORTS}/${id}`));
    return body['finished_at'] !== null;
  });
  return body;
}

/** Uploads a file and waits until its import has ended. */
export async function imported(person: Api, sent: Sent): Promise<Answer['body']> {
  const { status, body } = await upload(person, sent);
  if (status !== 202) throw new Error(`the upload was answered ${status}: ${JSON.stringify(body)}`);
  return ended(person, body['id'] as string);
}

export async function undone(person: Api, id: string): Promise<Answer['body']> {
  const { status, body } = await person.post(`${IMPORTS}/${id}/undo`);
  if (status !== 202) throw new Error(`undo was answered ${status}: ${JSON.stringify(body)}`);
  return ended(person, id);
}

/** The names of all files of imports that are on the disk. */
export function filesOf({ files }: TestApp): string[] {
  const directory = join(files, 'imports');
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** What a phone would have, in full: a change of anything changes it. */
export async function stateOf(person: Api): Promise<unknown> {
  const [digest, status] = await Promise.all([
    person.get('/api/sync/digest'),
    person.get('/api/sync/status'),
  ]);
  return [digest.body['kinds'] ?? digest.body, status.body['head']];
}

export const weightsOf = async (person: Api): Promise<Answer['body'][]> =>
  (await person.get('/api/health-metrics/weight?limit=500')).body['data'] as Answer['body'][];

/** The readings of a kind, the newest first. */
export const listOf = async (person: Api, metric: string): Promise<Answer['body'][]> =>
  (await person.get(`/api/health-metrics/${metric}?limit=500`)).body['data'] as Answer['body'][];

/** An archive with one file, whose stated size may be a lie. */
export const zip = (name: string, content: Buffer, stated = content.length): Buffer =>
  archiveOf([{ name, content, stated }]);

/** An archive of several files. */
export const zipOf = (files: Readonly<Record<string, string>>): Buffer =>
  archiveOf(
    Object.entries(files).map(([name, text]) => {
      const content = Buffer.from(text);
      return { name, content, stated: content.length };
    }),
  );

function archiveOf(files: readonly { name: string; content: Buffer; stated: number }[]): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, content, stated } of files) {
    const [path, data] = [Buffer.from(name), deflateRawSync(content)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(stated, 18);
    common.writeUInt16LE(path.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    locals.push(Buffer.from('PK\u0003\u0004'), common, path, data);
    centrals.push(Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), common, place, path);
    offset = Buffer.concat(locals).length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}

export const WEIGHTS = 'Date,Weight (kg)\n2026-01-13,82.5\n2026-01-14,82.1\n';

/** Takes a while with small chunks. */
export const many = (rows: number): string =>
  `Date,Weight (kg)\n${Array.from({ length: rows }, (_, row) => {
    const day = new Date(Date.UTC(1990, 0, 1) + row * 86_400_000).toISOString().slice(0, 10);
    return `${day},${60 + (row % 400) / 10}\n`;
  }).join('')}`;

/** Sends the beginning of an upload. */
export function begin(person: Api, headers: Record<string, string> = {}, query = ''): ClientRequest {
  const sending = request(`${person.url}${IMPORTS}${query}`, {
    method: 'POST',
    headers: { ...person.headers, 'content-type': 'multipart/form-data; boundary=x', ...headers },
  });
  sending.on('error', () => undefined);
  sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nDate,');
  return sending;
}
