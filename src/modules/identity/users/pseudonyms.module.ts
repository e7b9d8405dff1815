import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Pseudonyms } from '../../../kernel/audit/pseudonyms.js';
import { PseudonymsRepository } from './pseudonyms.repository.js';
import { User } from './user.entity.js';

/** Global, because the audit log is below identity and must not import it. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([User])],
  providers: [{ provide: Pseudonyms, useClass: PseudonymsRepository }],
  exports: [Pseudonyms],
})
export class PseudonymsModule {}
