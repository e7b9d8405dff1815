import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Quotas } from './quotas.js';

@Module({ imports: [DiscoveryModule], providers: [Quotas], exports: [Quotas] })
export class QuotasModule {}
