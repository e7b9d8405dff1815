import { Global, Module } from '@nestjs/common';
import { Announcements } from './announcements.js';
import { RecordCatalog } from './catalog.js';
import { ChangeSequence } from './change-sequence.js';
import { LocalIds } from './local-ids.js';
import { Records } from './records.js';
import { SyncClients } from './sync-clients.js';

const shared = [Announcements, ChangeSequence, RecordCatalog, Records, LocalIds, SyncClients];

@Global()
@Module({ providers: shared, exports: shared })
export class RecordsModule {}
