import { createRequire } from 'node:module';
import type { Model as Row } from '@nozbe/watermelondb';
import { v7 as uuidv7 } from 'uuid';
import type { FaultProxy } from '../../../tools/support/fault-proxy.js';
import type { Api } from '../../support/api.js';
import type { Wire } from '../../support/sync.js';
import { Channel, type Intent } from './channel.js';
import type { ForeignClient } from './client.js';
import { fieldsOf, groupsWith, type Kind, KINDS } from './fields.js';

// A CommonJS module, whose default export Node and Vitest see differently.
const load = createRequire(import.meta.url);
const { appSchema, Database, Model, tableSchema } = load(
  '@nozbe/watermelondb',
) as typeof import('@nozbe/watermelondb');
const { synchronize } = load(
  '@nozbe/watermelondb/sync',
) as typeof import('@nozbe/watermelondb/sync/index.js');
const { default: LokiJSAdapter } = load('@nozbe/watermelondb/adapters/lokijs');
load('@nozbe/watermelondb/utils/common/logger').default.silence();

const text = (name: string) => ({ name, type: 'string' as const, isOptional: true });
const number = (name: string) => ({ name, type: 'number' as const, isOptional: true });
/** `version` is the version that was edited. */
const common = [number('version'), text('modified_at')];
const TABLES = [
  tableSchema({
    name: 'weight',
    columns: [...common, number('weight_value'), text('unit'), text('timestamp')],
  }),
  tableSchema({
    name: 'meal',
    columns: [...common, ...['eaten_at', 'time_zone', 'meal_type', 'title', 'note', 'items'].map(text)],
  }),
];

class Weight extends Model {
  static override table = 'weight';
}
class Meal extends Model {
  static override table = 'meal';
}

interface ChangeSet {
  readonly created: any[];
  readonly updated: any[];
  readonly deleted: string[];
}

const CURSOR = 'hale_cursor';
const OWED = 'hale_owed';
const PAGE = 5;
const ATTEMPTS = 4;

/** WatermelonDB as it is published: its `synchronize`, with two functions for our protocol. */
export class WatermelonClient implements ForeignClient {
  readonly name = 'WatermelonDB';

  private constructor(
    private readonly database: InstanceType<typeof Database>,
    private readonly channel: Channel,
    readonly network: FaultProxy,
  ) {}

  static async open(api: Api, network: FaultProxy): Promise<WatermelonClient> {
    const adapter = new LokiJSAdapter({
      dbName: uuidv7(),
      schema: appSchema({ version: 1, tables: TABLES }),
      useWebWorker: false,
      useIncrementalIndexedDB: true,
    });
    const database = new Database({ adapter, modelClasses: [Weight, Meal] });
    return new WatermelonClient(database, new Channel(api), network);
  }

  async create(kind: Kind, fields: Wire): Promise<string> {
    const id = uuidv7();
    await this.database.write(async () => {
      await this.database.get(kind).create((row) => {
        row._raw.id = id;
        put(row, { ...fields, version: 0, modified_at: now() });
      });
    });
    return id;
  }

  async edit(kind: Kind, id: string, fields: Wire): Promise<void> {
    await this.database.write(async () => {
      const row = await this.database.get(kind).find(id);
      await row.update(() => put(row, { ...fields, modified_at: now() }));
    });
  }

  /** The library reports only the id of a deleted record, so the app stores what the server needs to know. */
  async remove(kind: Kind, id: string): Promise<void> {
    await this.database.write(async () => {
      const row = await this.database.get(kind).find(id);
      const { version } = row._raw as Wire;
      await this.database.localStorage.set(`deleted:${id}`, { version, modified_at: now() });
      await row.markAsDeleted();
    });
  }

  async rows(kind: Kind): Promise<Map<string, Wire>> {
    const rows = await this.database.get(kind).query().fetch();
    return new Map(rows.map(({ id, _raw }) => [id, fieldsOf(kind, entered(_raw))]));
  }

  /** Syncs twice: the second run shows the server's answer to the first. */
  async sync(): Promise<void> {
    await this.retried();
    await this.retried();
  }

  async close(): Promise<void> {
    await this.database.write(() => this.database.unsafeResetDatabase());
  }

  /** The library leaves retries to the app. */
  private async retried(): Promise<void> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.synchronize();
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
  }

  private synchronize(): Promise<void> {
    const saved: Promise<unknown>[] = [];
    return synchronize({
      database: this.database,
      sendCreatedAsUpdated: true,
      pullChanges: ({ lastPulledAt }) => this.pull(lastPulledAt),
      pushChanges: ({ changes }) => this.push(changes),
      onDidPullChanges: async (pulled) => void saved.push(this.remember(pulled as Wire)),
      // The local edit wins per column. The version it was made on is kept: otherwise the edit would always win.
      conflictResolver: (_, local, __, resolved) =>
        (local as Wire)['_status'] === 'synced'
          ? resolved
          : { ...resolved, version: (local as Wire)['version'] },
    })
      .then(() => Promise.all(saved))
      .then(() => undefined);
  }

  private async pull(lastPulledAt: number | undefined) {
    let cursor = lastPulledAt ? await this.database.localStorage.get<string>(CURSOR) : undefined;
    const owed = (await this.database.localStorage.get<Wire[]>(OWED)) ?? [];
    const pulled: Wire[] = [...owed];
    let stamp = lastPulledAt ?? 0;
    for (let hasMore = true; hasMore;) {
      const page = await this.channel.pull(KINDS.join(), cursor, PAGE);
      pulled.push(...page['changes']);
      cursor = page['cursor'] as string;
      hasMore = page['has_more'] as boolean;
      stamp ||= Date.parse(page['server_time'] as string);
    }
    for (const { updated_at } of pulled) stamp = Math.max(stamp, Date.parse(updated_at as string));
    return { changes: changesOf(pulled), timestamp: stamp, cursor };
  }

  private async remember({ cursor }: Wire): Promise<void> {
    await this.database.localStorage.set(CURSOR, cursor);
    await this.database.localStorage.remove(OWED);
  }

  /** The library marks everything that was sent as synced; the next pull shows the stored state. */
  private async push(changes: Partial<Record<Kind, ChangeSet>>): Promise<void> {
    const intents = await Promise.all(KINDS.flatMap((kind) => this.intentsOf(kind, changes[kind])));
    const results = await this.channel.push(intents.flat());
    const owed = results.flatMap((result, index) => {
      const { kind, id } = intents.flat()[index] as Intent;
      if (result['record']) return [result['record'] as Wire];
      return result['status'] === 'gone' ? [{ kind, id, deleted: true, updated_at: now() }] : [];
    });
    if (owed.length > 0) await this.database.localStorage.set(OWED, owed);
  }

  private intentsOf(kind: Kind, set: ChangeSet | undefined): Promise<Intent[]>[] {
    const written = [...(set?.created ?? []), ...(set?.updated ?? [])].map(async (raw) =>
      intentOf(kind, raw as Wire),
    );
    return [...written, ...(set?.deleted ?? []).map((id) => this.deletion(kind, id))];
  }

  private async deletion(kind: Kind, id: string): Promise<Intent[]> {
    const noted = await this.database.localStorage.get<Wire>(`deleted:${id}`);
    const { version, modified_at } = noted as Wire;
    return [{ kind, id, op: 'delete', modified_at, ...(version > 0 && { base_version: version }) }];
  }
}

const now = (): string => new Date().toISOString();

/** Columns cannot hold lists. */
const column = (value: unknown): any => (Array.isArray(value) ? JSON.stringify(value) : value);
const entered = (raw: Wire): Wire => ({
  ...raw,
  ...(raw['items'] && { items: JSON.parse(raw['items'] as string) }),
});

function put(row: Row, values: Wire): void {
  for (const [name, value] of Object.entries(values)) row._setRaw(name, column(value));
}

function intentOf(kind: Kind, raw: Wire): Intent[] {
  const { id, version, modified_at } = raw;
  const changed = (raw['_changed'] as string).split(',');
  if (raw['_status'] === 'created')
    return [{ kind, id, op: 'create', modified_at, fields: fieldsOf(kind, entered(raw)) }];
  const fields = groupsWith(kind, entered(raw), changed);
  return [{ kind, id, op: 'update', modified_at, fields, ...(version > 0 && { base_version: version }) }];
}

/** Only the last state of each record. */
function changesOf(pulled: readonly Wire[]): Record<Kind, ChangeSet> {
  const newest = new Map(pulled.map((change) => [change['id'], change]));
  const of = (kind: Kind) => [...newest.values()].filter((change) => change['kind'] === kind);
  return Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      {
        created: [],
        updated: of(kind)
          .filter(({ deleted }) => !deleted)
          .map((change) => rawOf(kind, change)),
        deleted: of(kind)
          .filter(({ deleted }) => deleted)
          .map(({ id }) => id),
      },
    ]),
  ) as unknown as Record<Kind, ChangeSet>;
}

const rawOf = (kind: Kind, { id, version, modified_at, data }: Wire): any => ({
  id,
  version,
  modified_at,
  ...Object.fromEntries(Object.entries(fieldsOf(kind, data)).map(([name, value]) => [name, column(value)])),
});
