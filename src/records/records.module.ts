import { Global, Module } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { PersonLock } from '../kernel/person-lock.js';
import { sealRecords } from './define/define-record.js';
import './define/person/person-conflicts.record.js';
import { person } from './define/person/person.owner.js';
import { RecordCatalog } from './define/record-catalog.js';
import { ChangeFeed } from './read/change-feed.js';
import { Announcements } from './write/announcements.js';
import { ChangeSequence } from './write/change-sequence.js';
import { LocalIds } from './write/local-ids.js';
import { RecordEvents } from './write/record-events.js';
import { RecordLimits } from './write/record-limits.js';
import { Records } from './write/records.js';
import { SyncClients } from './write/sync-clients.js';

const shared = [Announcements, ChangeSequence, ChangeFeed, Records, RecordLimits, LocalIds, SyncClients];

const catalog = {
  provide: RecordCatalog,
  inject: [Database],
  useFactory: (database: Database) => new RecordCatalog(database, sealRecords()),
};

/** The kernel's person lock is the row of the person's sequence. */
const personLock = {
  provide: PersonLock,
  inject: [ChangeSequence],
  useFactory: (sequence: ChangeSequence): PersonLock => ({
    create: (personId) => sequence.create(person(personId)),
    hold: (personId, work) => sequence.change(person(personId), work),
  }),
};

@Global()
@Module({
  providers: [...shared, catalog, personLock, RecordEvents],
  exports: [...shared, RecordCatalog, PersonLock],
})
export class RecordsModule {}
