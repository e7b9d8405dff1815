import { Global, Module } from '@nestjs/common';
import { ChangeSequence } from './change-sequence.js';
import { LocalIds } from './local-ids.js';
import { SyncClients } from './sync-clients.js';

const shared = [ChangeSequence, LocalIds, SyncClients];

@Global()
@Module({ providers: shared, exports: shared })
export class RecordsModule {}
