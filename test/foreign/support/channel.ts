import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Api } from '../../support/api.js';
import { pullPage, type Wire } from '../../support/sync.js';

/** A change as a foreign client describes it. */
export interface Intent {
  readonly kind: string;
  readonly id: string;
  readonly op: 'create' | 'update' | 'delete';
  readonly fields?: Wire;
  readonly base_version?: number;
  readonly modified_at: string;
}

const MOST = 100;

/** The code that an app writes between a sync library and this protocol: an epoch, a client id and a counter. */
export class Channel {
  readonly clientId = `foreign-${randomUUID()}`;
  private epoch = '';
  private seq = 0;
  /** Sent mutations without an answer: a retry is equal and has the same id. */
  private readonly unanswered = new Map<string, Wire>();

  constructor(readonly api: Api) {}

  async pull(kinds: string, cursor: string | undefined, limit: number): Promise<Wire> {
    const { status, body } = await pullPage(this.api, { kinds, cursor, limit });
    if (status !== 200) throw new Error(`pull answered ${status}: ${JSON.stringify(body)}`);
    this.epoch = body['epoch'] as string;
    return body;
  }

  /** @returns a result for each intent. */
  async push(intents: readonly Intent[]): Promise<Wire[]> {
    if (!this.epoch) this.epoch = (await this.api.get('/api/sync/status')).body['epoch'] as string;
    const results: Wire[] = [];
    for (let from = 0; from < intents.length; from += MOST)
      results.push(...(await this.pushSome(intents.slice(from, from + MOST))));
    return results;
  }

  /** Calls `poked` for every poke. */
  listen(url: string, poked: () => void): { ready: Promise<void>; stop: () => void } {
    const token = this.api.headers['authorization']?.slice('Bearer '.length);
    const address = url.replace('http', 'ws') + '/ws/sync';
    const socket = new WebSocket(address, ['hale.sync.v1', `bearer.${token}`]);
    socket.on('error', () => undefined);
    const ready = new Promise<void>((welcome) =>
      socket.on('message', (data) => {
        const { t } = JSON.parse(String(data)) as Wire;
        if (t === 'hello') welcome();
        if (t === 'poke') poked();
      }),
    );
    return { ready, stop: () => socket.terminate() };
  }

  private async pushSome(intents: readonly Intent[]): Promise<Wire[]> {
    const mutations = intents.map((intent) => this.freeze(intent));
    const { status, body } = await this.api.post('/api/sync/push', {
      client_id: this.clientId,
      epoch: this.epoch,
      client_time: new Date().toISOString(),
      mutations,
    });
    if (status !== 200) throw new Error(`push answered ${status}: ${JSON.stringify(body)}`);
    for (const intent of intents) this.unanswered.delete(JSON.stringify(intent));
    const results = body['results'] as Wire[];
    const refused = results.find((result) => result['status'] === 'rejected');
    if (refused) throw new Error(`refused: ${JSON.stringify(refused)}`);
    return results;
  }

  private freeze(intent: Intent): Wire {
    const key = JSON.stringify(intent);
    const known = this.unanswered.get(key);
    if (known) return known;
    const mutation = { ...intent, mutation_id: randomUUID(), client_seq: ++this.seq };
    this.unanswered.set(key, mutation);
    return mutation;
  }
}
