import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Answer, Api } from './api.js';

export type Wire = Record<string, any>;

export const weightFields = (value = 75.5): Wire => ({
  weight_value: value,
  unit: 'kg',
  timestamp: '2026-01-06T20:30:00.000Z',
});

/** A weight that a person entered, as sync shows it: with the day that it got in the zone of a profile in UTC. */
export const weightData = (fields: Wire): Wire => ({
  ...fields,
  source: 'manual',
  external_id: null,
  device: null,
  time_zone: 'UTC',
  local_date: String(fields['timestamp']).slice(0, 10),
  utc_offset_min: 0,
});

export const mealFields = (values: Wire = {}): Wire => ({
  eaten_at: '2026-01-06T07:30:00.000Z',
  time_zone: 'Europe/Berlin',
  meal_type: 'breakfast',
  title: 'Porridge',
  note: null,
  items: [{ name: 'Oats', quantity: 80, unit: 'g', energy_kcal: 300 }],
  ...values,
});

/** A device that stores only its own counter and sends exactly what a test wants. */
export class Device {
  epoch = '';
  private seq = 0;

  constructor(
    readonly api: Api,
    readonly id: string = `device-${randomUUID()}`,
  ) {}

  /** Reads the epoch from the service. */
  async ready(): Promise<this> {
    this.epoch = (await this.api.get('/api/sync/status')).body['epoch'] as string;
    return this;
  }

  mutation(values: Wire): Wire {
    return {
      mutation_id: randomUUID(),
      client_seq: ++this.seq,
      modified_at: new Date().toISOString(),
      ...values,
    };
  }

  create(kind: string, fields: Wire, values: Wire = {}): Wire {
    return this.mutation({ kind, id: uuidv7(), op: 'create', fields, ...values });
  }

  update(target: Wire, fields: Wire, values: Wire = {}): Wire {
    const { kind, id, version } = target;
    return this.mutation({ kind, id, op: 'update', base_version: version, fields, ...values });
  }

  delete(target: Wire, values: Wire = {}): Wire {
    const { kind, id, version } = target;
    return this.mutation({ kind, id, op: 'delete', base_version: version, ...values });
  }

  send(mutations: readonly unknown[], extra: Wire = {}): Promise<Answer> {
    return this.api.post('/api/sync/push', { client_id: this.id, epoch: this.epoch, mutations, ...extra });
  }

  /** Pushes mutations. @returns the results @throws when the push does not answer 200 */
  async push(...mutations: Wire[]): Promise<Wire[]> {
    const { status, body } = await this.send(mutations);
    if (status !== 200) throw new Error(`push answered ${status}: ${JSON.stringify(body)}`);
    return body['results'] as Wire[];
  }
}

export const pullPage = (api: Api, query: Wire = {}): Promise<Answer> =>
  api.get(
    `/api/sync/pull?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined))}`,
  );

/** Pulls page by page to the end. */
export async function drainSync(
  api: Api,
  query: Wire = {},
): Promise<{ changes: Wire[]; cursor: string; pages: number; seq: string }> {
  const changes: Wire[] = [];
  let cursor = query['cursor'] as string | undefined;
  for (let pages = 1; ; pages++) {
    const { status, body } = await pullPage(api, { ...query, cursor });
    if (status !== 200) throw new Error(`pull answered ${status}: ${JSON.stringify(body)}`);
    changes.push(...body['changes']);
    cursor = body['cursor'] as string;
    if (!body['has_more']) return { changes, cursor, pages, seq: body['seq'] as string };
  }
}

/** The records that a phone shows after a pull: the newest version of each, without the deleted ones. */
export function shown(changes: readonly Wire[]): Map<string, Wire> {
  const records = new Map<string, Wire>();
  for (const change of changes)
    if (change['deleted']) records.delete(change['id']);
    else records.set(change['id'], change);
  return records;
}
