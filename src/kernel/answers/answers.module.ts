import { Module } from '@nestjs/common';
import { AnswerMemoryInterceptor } from './answer-memory.interceptor.js';
import { AnswerMemory } from './answer-memory.js';
import { SlowReaders } from './slow-readers.js';

/** The limits on answers that clients are slow to read. */
@Module({
  providers: [AnswerMemory, AnswerMemoryInterceptor, SlowReaders],
  exports: [AnswerMemoryInterceptor],
})
export class AnswersModule {}
