import { createRxDatabase, type RxCollection, type RxDatabase } from 'rxdb';
import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { Subject } from 'rxjs';
import { v7 as uuidv7 } from 'uuid';
import type { FaultProxy } from '../../../tools/support/fault-proxy.js';
import type { Api } from '../../support/api.js';
import type { Wire } from '../../support/sync.js';
import { Channel, type Intent } from './channel.js';
import type { ForeignClient } from './client.js';
import { difference, fieldsOf, type Kind, KINDS } from './fields.js';

interface Checkpoint {
  readonly cursor: string;
}

const RETRY_MS = 50;

const string = { type: 'string' } as const;
/** `version` and `modified_at` are those of the server until the person edits the record. */
const schema = (properties: Wire): any => ({
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 36 },
    version: { type: 'number' },
    modified_at: string,
    ...properties,
  },
});

const SCHEMAS = {
  weight: schema({ weight_value: { type: 'number' }, unit: string, timestamp: string }),
  meal: schema({
    eaten_at: string,
    time_zone: string,
    meal_type: string,
    title: { type: ['string', 'null'] },
    note: { type: ['string', 'null'] },
    items: { type: 'array', items: { type: 'object' } },
  }),
};

/** RxDB as it is published: its own replication protocol, with two handlers for our protocol. */
export class RxdbClient implements ForeignClient {
  readonly name = 'RxDB';
  private readonly replications = new Map<Kind, RxReplicationState<Wire, Checkpoint>>();
  private readonly resync = new Subject<'RESYNC'>();
  /** Resolves when pokes arrive. */
  listening: Promise<void> = Promise.resolve();
  private stopListening = (): void => undefined;

  private constructor(
    private readonly database: RxDatabase,
    readonly network: FaultProxy,
  ) {}

  static async open(api: Api, network: FaultProxy, pokes: string): Promise<RxdbClient> {
    const database = await createRxDatabase({
      name: uuidv7().replaceAll('-', ''),
      storage: getRxStorageMemory(),
      multiInstance: false,
    });
    await database.addCollections({ weight: { schema: SCHEMAS.weight }, meal: { schema: SCHEMAS.meal } });
    const client = new RxdbClient(database, network);
    for (const kind of KINDS) client.replicate(kind, new Channel(api));
    const socket = new Channel(api).listen(pokes, () => client.resync.next('RESYNC'));
    client.listening = socket.ready;
    client.stopListening = socket.stop;
    return client;
  }

  async create(kind: Kind, fields: Wire): Promise<string> {
    const id = uuidv7();
    await this.collection(kind).insert({ id, version: 0, modified_at: now(), ...fields });
    return id;
  }

  async edit(kind: Kind, id: string, fields: Wire): Promise<void> {
    await (await this.find(kind, id)).incrementalPatch({ ...fields, modified_at: now() });
  }

  async remove(kind: Kind, id: string): Promise<void> {
    const document = await (await this.find(kind, id)).incrementalPatch({ modified_at: now() });
    await document.incrementalRemove();
  }

  async rows(kind: Kind): Promise<Map<string, Wire>> {
    const documents = await this.collection(kind).find().exec();
    return new Map(documents.map((document) => [document.id, fieldsOf(kind, document.toMutableJSON())]));
  }

  async sync(): Promise<void> {
    for (const replication of this.replications.values()) {
      replication.reSync();
      await replication.awaitInSync();
    }
  }

  async close(): Promise<void> {
    this.stopListening();
    await this.database.close();
  }

  private collection(kind: Kind): RxCollection<any> {
    return this.database.collections[kind] as RxCollection<any>;
  }

  private async find(kind: Kind, id: string): Promise<any> {
    return this.collection(kind).findOne(id).exec(true);
  }

  private replicate(kind: Kind, channel: Channel): void {
    const replication = replicateRxCollection<Wire, Checkpoint>({
      collection: this.collection(kind),
      replicationIdentifier: `hale-${kind}`,
      retryTime: RETRY_MS,
      waitForLeadership: false,
      pull: {
        batchSize: 5,
        stream$: this.resync,
        handler: (checkpoint, batchSize) => pull(channel, kind, checkpoint, batchSize),
      },
      push: { handler: (rows) => push(channel, kind, rows) },
    });
    this.replications.set(kind, replication);
  }
}

const now = (): string => new Date().toISOString();

/** RxDB takes a short batch for the end; the server's pages have no such meaning. */
async function pull(channel: Channel, kind: Kind, from: Checkpoint | undefined, batchSize: number) {
  const documents: any[] = [];
  let cursor = from?.cursor;
  for (let hasMore = true; hasMore && documents.length < batchSize;) {
    const page = await channel.pull(kind, cursor, batchSize - documents.length);
    documents.push(...page['changes'].map((change: Wire) => documentOf(kind, change)));
    cursor = page['cursor'] as string;
    hasMore = page['has_more'] as boolean;
  }
  return { documents, checkpoint: { cursor: cursor as string } };
}

async function push(channel: Channel, kind: Kind, rows: readonly any[]): Promise<any[]> {
  const intents = rows.flatMap(({ newDocumentState, assumedMasterState }) =>
    intentOf(kind, newDocumentState, assumedMasterState),
  );
  const results = intents.length > 0 ? await channel.push(intents) : [];
  // RxDB calls any state other than the one it sent a conflict, and then takes the master's state.
  return rows.flatMap(({ newDocumentState: sent }) => {
    const result = results.find(({ id }) => id === sent.id);
    if (!result) return [];
    if (result['status'] === 'gone') return [{ ...sent, _deleted: true }];
    if (!result['record']) return [];
    const held = documentOf(kind, result['record'] as Wire);
    const isSame = held._deleted === sent._deleted && Object.keys(difference(kind, held, sent)).length === 0;
    return isSame ? [] : [held];
  });
}

function intentOf(kind: Kind, now: any, before: any): Intent[] {
  const { id, modified_at } = now;
  const base = { kind, id, modified_at, ...(now.version > 0 && { base_version: now.version }) };
  if (now._deleted) return before && !before._deleted ? [{ ...base, op: 'delete' }] : [];
  if (!before || before._deleted) return [{ ...base, op: 'create', fields: fieldsOf(kind, now) }];
  const fields = difference(kind, now, before);
  return Object.keys(fields).length > 0 ? [{ ...base, op: 'update', fields }] : [];
}

const documentOf = (kind: Kind, { id, version, modified_at, deleted, data }: Wire): any => ({
  id,
  version,
  modified_at,
  ...(data && fieldsOf(kind, data)),
  _deleted: deleted,
});
