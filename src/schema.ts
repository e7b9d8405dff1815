import { CreateAccounts1700000000001 } from '../migrations/1700000000001-create-accounts.js';
import { CreateWeightEntries1700000000002 } from '../migrations/1700000000002-create-weight-entries.js';
import { IdempotencyKey } from './kernel/idempotency/idempotency-key.entity.js';
import { LocalId } from './kernel/records/local-id.entity.js';
import { SyncClient } from './kernel/records/sync-client.entity.js';
import { UserSequence } from './kernel/records/user-sequence.entity.js';
import { Session } from './modules/auth/session.entity.js';
import { WeightEntry } from './modules/health-metrics/weight-entry.entity.js';
import { User } from './modules/users/user.entity.js';
import type { Schema } from './platform/database/connect.js';

/** Every table, and the way there. A test fails when an entity or a migration is missing here. */
export const schema: Schema = {
  entities: [User, Session, UserSequence, IdempotencyKey, LocalId, SyncClient, WeightEntry],
  migrations: [CreateAccounts1700000000001, CreateWeightEntries1700000000002],
};
