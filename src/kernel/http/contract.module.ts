import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ContractRoutes } from './contract-routes.js';

/** Checks the contract classes of all routes before the service starts. */
@Module({ imports: [DiscoveryModule], providers: [ContractRoutes] })
export class ContractModule {}
