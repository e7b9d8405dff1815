import type { Change, Mutation, PushRequest, Refusal } from '../../src/wire.js';

type Stored = Change & { readonly by: string; readonly owner: string };

/** Only the fields are needed here, not every type of the API document. */
interface Result {
  readonly mutation_id: string;
  readonly id: string;
  readonly status: string;
  readonly version?: number;
  readonly seq?: string;
  readonly record?: Change;
  readonly error?: Refusal;
}

interface State {
  epoch: string;
  base: bigint;
  seq: bigint;
  floor: bigint;
  records: Map<string, Stored>;
  clients: Map<string, Map<number, { id: string; result: Result }>>;
}

export type Fault = 'lose-request' | 'lose-answer' | 'repeat-request' | 'hang' | Response | undefined;

/**
 * A minimal server of the sync protocol. It simulates cases that are hard to produce with the real service: restores, purges
 * and lost answers. The newest edit wins, and each record is one group. `sync.http.test.ts` tests against the real service.
 */
export class ReferenceServer {
  state: State = {
    epoch: 'e0',
    base: 0n,
    seq: 0n,
    floor: 0n,
    records: new Map(),
    clients: new Map(),
  };
  /** What goes wrong with a request; undefined if nothing does. */
  fault: (path: string, request: Request) => Fault = () => undefined;
  readonly log: string[] = [];
  readonly pushes: PushRequest[] = [];
  readonly userHeaders: (string | null)[] = [];
  readonly expired = new Set<string>();
  isRevoked = false;
  /** The time zone in every profile. */
  zone = 'UTC';
  /** The kinds that this version of the server knows. */
  kinds = ['conflict', 'meal', 'weight'];
  refreshes = 0;
  /** The nonces of the refreshes that arrived. */
  readonly nonces: (string | undefined)[] = [];
  private tokens = 0;
  /** The person of each access and refresh token. */
  private readonly owners = new Map<string, string>();
  private epochs = 0;
  /** For each earlier epoch, the number up to which the current one has the same changes. */
  private readonly bases = new Map<string, bigint>();

  constructor(readonly now: () => number) {}

  readonly fetch = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    this.log.push(`${request.method} ${pathname}`);
    const fault = this.fault(pathname, request);
    if (fault instanceof Response) return fault;
    if (fault === 'hang') return new Promise(() => undefined);
    if (fault === 'lose-request') throw new TypeError('lost');
    if (fault === 'repeat-request') await this.answer(pathname, searchParams, request.clone());
    const response = await this.answer(pathname, searchParams, request);
    if (fault === 'lose-answer') throw new TypeError('lost');
    return response;
  };

  backup(): State {
    return structuredClone(this.state);
  }

  restore(backup: State): void {
    const lost = this.state;
    for (const [epoch, base] of this.bases) this.bases.set(epoch, base < backup.seq ? base : backup.seq);
    this.bases.set(lost.epoch, backup.seq);
    this.epochs += 1;
    this.state = { ...structuredClone(backup), epoch: `e${this.epochs}`, base: backup.seq };
  }

  /** Purges the tombstones. */
  purge(): void {
    for (const [key, record] of this.state.records) if (record.deleted) this.state.records.delete(key);
    this.state.floor = this.state.seq;
  }

  /** Deletes the stored answers, but keeps the last number of each client. */
  forgetAnswers(): void {
    for (const log of this.state.clients.values())
      for (const seq of log.keys()) if (seq < Math.max(...log.keys())) log.delete(seq);
  }

  live(kind = 'weight'): Record<string, unknown> {
    const live = [...this.state.records.values()].filter((record) => record.kind === kind && !record.deleted);
    return Object.fromEntries(live.map(({ id, data }) => [id, data]));
  }

  private async answer(path: string, query: URLSearchParams, request: Request): Promise<Response> {
    if (path.startsWith('/api/auth/'))
      return this.auth(path, (await request.json().catch(() => ({}))) as Record<string, string>);
    const token = request.headers.get('authorization')?.slice(7) ?? '';
    if (this.isRevoked) return problem(401, 'session-revoked');
    if (this.expired.has(token)) return problem(401, 'token-expired');
    if (path === '/api/sync/status') return this.status(query.get('client_id') ?? '');
    if (path === '/api/sync/digest') return json({ epoch: this.state.epoch, seq: '-1', kinds: [] });
    const owner = this.owners.get(token) ?? '';
    if (path === '/api/users/me') return json({ id: owner, email: owner.slice(5), time_zone: this.zone });
    if (path === '/api/sync/pull') return this.pull(query, owner);
    if (path === '/api/sync/push') {
      this.userHeaders.push(request.headers.get('x-sync-user'));
      return this.push((await request.json()) as PushRequest, owner);
    }
    return problem(404, 'not-found');
  }

  private auth(path: string, body: Record<string, string>): Response {
    this.tokens += 1;
    const tokens = { access_token: `a${this.tokens}`, refresh_token: `r${this.tokens}`, expires_in: 900 };
    if (path === '/api/auth/logout') return new Response(null, { status: 204 });
    if (path === '/api/auth/refresh') {
      this.refreshes += 1;
      this.nonces.push(body['nonce']);
    }
    const owner = this.owners.get(body['refresh_token'] ?? '') ?? `user-${body['email']}`;
    for (const token of [tokens.access_token, tokens.refresh_token]) this.owners.set(token, owner);
    if (path === '/api/auth/refresh') return this.isRevoked ? problem(401, 'session-revoked') : json(tokens);
    return json({ ...tokens, user: { id: owner, email: body['email'], time_zone: this.zone } });
  }

  private status(client: string): Response {
    const { epoch } = this.state;
    return json({
      epoch,
      server_time: this.time(),
      last_client_seq: this.last(client),
      limits: { mutations: 100, pull: 1000, poll_seconds: 60 },
      kinds: this.kinds,
    });
  }

  private time(): string {
    return new Date(this.now()).toISOString();
  }

  private last(client: string): number {
    return Math.max(0, ...(this.state.clients.get(client)?.keys() ?? []));
  }

  private epochChanged(from: string): Response {
    const base = this.bases.get(from) ?? 0n;
    return problem(409, 'epoch-changed', { epoch: this.state.epoch, base_seq: String(base) });
  }

  /** A cursor is epoch:seq, or epoch:seq:start during a bootstrap. */
  private pull(query: URLSearchParams, owner: string): Response {
    const { state } = this;
    const [epoch, at = '0', boot] = query.get('cursor')?.split(':') ?? [query.get('epoch') ?? state.epoch];
    if (epoch !== state.epoch) return this.epochChanged(epoch ?? '');
    const isBoot = !query.has('cursor') || boot !== undefined;
    if (!isBoot && BigInt(at) < state.floor) return problem(410, 'cursor-expired');
    const start = boot === undefined ? state.seq : BigInt(boot);
    const kinds = query.get('kinds')?.split(',') ?? [];
    if (!kinds.every((kind) => this.kinds.includes(kind))) return problem(422, 'validation');
    const limit = Number(query.get('limit'));
    const found = [...state.records.values()]
      .filter((record) => record.owner === owner)
      .filter(({ seq, kind }) => BigInt(seq) > BigInt(at) && kinds.includes(kind))
      .filter(({ deleted, seq }) => !(isBoot && deleted && BigInt(seq) <= start))
      .toSorted((a, b) => (BigInt(a.seq) < BigInt(b.seq) ? -1 : 1));
    const page = found.slice(0, limit);
    const hasMore = found.length > limit;
    const seq = hasMore ? (page.at(-1)?.seq ?? '0') : String(state.seq);
    return json({
      epoch,
      server_time: this.time(),
      changes: page.map((record) => withoutAuthor(record)),
      cursor: [epoch, seq, ...(isBoot && hasMore ? [start] : [])].join(':'),
      seq,
      has_more: hasMore,
    });
  }

  private push(body: PushRequest, owner: string): Response {
    this.pushes.push(body);
    if (body.epoch !== this.state.epoch) return this.epochChanged(body.epoch);
    if (body.mutations.length > 100) return problem(413, 'payload-too-large');
    const log = this.state.clients.get(body.client_id) ?? new Map();
    this.state.clients.set(body.client_id, log);
    const results = body.mutations.map((mutation) => {
      const last = this.last(body.client_id);
      const known = log.get(mutation.client_seq);
      if (mutation.client_seq <= last) return this.repeated(mutation, known);
      const result = this.refusal(mutation, body.mutations) ?? this.apply(mutation, body.client_id, owner);
      log.set(mutation.client_seq, { id: mutation.mutation_id, result });
      return result;
    });
    const { epoch } = this.state;
    return json({ epoch, server_time: this.time(), last_client_seq: this.last(body.client_id), results });
  }

  private repeated(mutation: Mutation, known: { id: string; result: Result } | undefined): Result {
    const { mutation_id, id } = mutation;
    if (known && known.id !== mutation_id)
      return {
        mutation_id,
        id,
        status: 'rejected',
        error: { code: 'client-seq-reused', message: 'client_seq was used' },
      };
    if (known?.result.status === 'rejected') return known.result;
    return { mutation_id, id, status: 'duplicate', ...this.shown(mutation) };
  }

  private shown({ kind, id }: Mutation): { record?: Change } {
    const found = this.state.records.get(`${kind}/${id}`);
    if (!found) return {};
    return { record: withoutAuthor(found) };
  }

  /** Applies all mutations of a group, or none. */
  private refusal(mutation: Mutation, all: readonly Mutation[]): Result | undefined {
    const { mutation_id, id, group_id } = mutation;
    const members = all.filter((other) => group_id !== undefined && other.group_id === group_id);
    const isGroupRefused = members.some((member) => this.wrong(member) !== undefined);
    const error = this.wrong(mutation) ?? (isGroupRefused ? GROUP_REJECTED : undefined);
    return error && { mutation_id, id, status: 'rejected', error };
  }

  /** It takes less than the contract allows, so that it refuses what the client lets through. */
  private wrong({ kind, id, op, fields, group_id }: Mutation): Refusal | undefined {
    if (Number(fields?.['weight_value'] ?? 0) > 600)
      return { code: 'out-of-range', field: 'weight_value', message: 'too heavy' };
    const isGone = op !== 'create' && !this.state.records.has(`${kind}/${id}`);
    return isGone && group_id != null ? { code: 'record-gone', field: 'id', message: 'gone' } : undefined;
  }

  private apply(mutation: Mutation, client: string, owner: string): Result {
    const { mutation_id, kind, id, op, fields, base_version } = mutation;
    const old = this.state.records.get(`${kind}/${id}`);
    const answer = { mutation_id, id };
    if (!old && op !== 'create') return { ...answer, status: 'gone' };
    const modified_at = [mutation.modified_at, this.time()].toSorted()[0] as string;
    const isCausal = !old || base_version === old.version || old.by === client;
    if (old && !isCausal && modified_at <= old.modified_at)
      return { ...answer, status: 'superseded', ...this.shown(mutation) };
    this.state.seq += 1n;
    const record: Stored = {
      kind,
      id,
      seq: String(this.state.seq),
      version: (old?.version ?? 0) + 1,
      deleted: op === 'delete',
      modified_at: old && modified_at < old.modified_at ? old.modified_at : modified_at,
      updated_at: this.time(),
      by: client,
      owner,
      ...(op !== 'delete' && { data: { ...old?.data, ...fields } }),
    };
    this.state.records.set(`${kind}/${id}`, record);
    return { ...answer, status: 'applied', version: record.version, seq: record.seq };
  }
}

const GROUP_REJECTED: Refusal = { code: 'group-rejected', field: 'group_id', message: 'another one failed' };

const withoutAuthor = (record: Stored): Change => {
  const { by: _, owner: __, ...change } = record;
  return change;
};

const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

export const problem = (
  status: number,
  code: string,
  members: object = {},
  headers: Record<string, string> = {},
): Response =>
  new Response(JSON.stringify({ type: `/problems/${code}`, title: code, status, ...members }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
