import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { WebSocket } from 'ws';
import type { Result } from './measure.js';
import { newWeight } from './people.js';
import { percentile } from './statistics.js';
import type { SyncCast } from './sync-cases.js';

const ROUNDS = 100;
const APART_MS = 150;
const TARGET_MS = 100;

/** Measures the time from a push of one phone until another phone was poked and has pulled the change. */
export async function measurePokes(serviceUrl: string, { pushers: [person] }: SyncCast): Promise<Result> {
  if (!person) throw new Error('There is no person to measure');
  const token = person.headers['authorization']?.replace('Bearer ', '') ?? '';
  const socket = new WebSocket(`${serviceUrl.replace('http', 'ws')}/ws/sync`, [
    'hale.sync.v1',
    `bearer.${token}`,
  ]);
  const phone = new Phone(serviceUrl, person.headers);
  const times: number[] = [];
  try {
    await next(socket, () => true);
    await phone.drain();
    for (let round = 1; round <= ROUNDS; round++) {
      // A pause as between edits of a person: otherwise the pokes of several writes would be combined.
      await pause(APART_MS);
      const id = uuidv7();
      const start = performance.now();
      const poked = next(socket, ({ t, head }) => t === 'poke' && BigInt(head ?? '0') > phone.seq);
      await Promise.all([push(serviceUrl, person, round, id), poked]);
      await phone.drain();
      if (!phone.has(id)) throw new Error('A poke came before its change was readable');
      times.push(performance.now() - start);
    }
  } finally {
    socket.close();
  }
  const p95 = percentile(times, 0.95);
  return {
    name: 'poke to visible on the second device',
    clients: 1,
    p95,
    value: `${percentile(times, 0.5).toFixed(1)} ms`,
    target: `p95 < ${TARGET_MS} ms`,
    isMet: p95 < TARGET_MS,
  };
}

class Phone {
  seq = 0n;
  private cursor = '';
  private readonly ids = new Set<string>();

  constructor(
    private readonly serviceUrl: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  async drain(): Promise<void> {
    for (;;) {
      const query = this.cursor === '' ? '' : `&cursor=${this.cursor}`;
      const response = await fetch(`${this.serviceUrl}/api/sync/pull?limit=1000${query}`, {
        headers: this.headers,
      });
      const page = (await response.json()) as {
        changes: { id: string }[];
        cursor: string;
        seq: string;
        has_more: boolean;
      };
      for (const { id } of page.changes) this.ids.add(id);
      this.cursor = page.cursor;
      this.seq = BigInt(page.seq);
      if (!page.has_more) return;
    }
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }
}

async function push(
  serviceUrl: string,
  { headers, epoch }: SyncCast['pushers'][number],
  clientSeq: number,
  id: string,
): Promise<void> {
  const mutation = {
    mutation_id: randomUUID(),
    client_seq: clientSeq,
    kind: 'weight',
    id,
    op: 'create',
    modified_at: new Date().toISOString(),
    fields: newWeight(),
  };
  const response = await fetch(`${serviceUrl}/api/sync/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ client_id: 'poke-bench', epoch, mutations: [mutation] }),
  });
  if (!response.ok) throw new Error(`push answered ${response.status}`);
  await response.arrayBuffer();
}

interface Message {
  readonly t: string;
  readonly head?: string;
}

/** The next message that matches. */
const next = (socket: WebSocket, fits: (message: Message) => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const read = (data: unknown): void => {
      if (!fits(JSON.parse(String(data)) as Message)) return;
      socket.off('message', read).off('error', reject);
      resolve();
    };
    socket.on('message', read).once('error', reject);
  });
