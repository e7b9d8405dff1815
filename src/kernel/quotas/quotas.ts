import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { COUNTS_QUOTA, declaredQuotas, type QuotaDefinition, type QuotaUse } from './quota.js';

type Count = (userId: string) => Promise<QuotaUse>;

/** A quota of one person, and how much of it is used. */
export interface NamedQuota extends QuotaUse {
  readonly name: string;
}

/** The quotas of all modules. It finds who counts them by the decorators on provider methods. */
@Injectable()
export class Quotas implements OnModuleInit {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws Error for a quota that nobody counts, or that two providers count */
  onModuleInit(): void {
    for (const instance of new Set(this.discovery.getProviders().map(({ instance: one }) => one as unknown)))
      if (typeof instance === 'object' && instance !== null) this.discover(instance);
    const missing = declaredQuotas().find(({ name }) => !this.counts.has(name));
    if (missing) throw new Error(`No provider counts the quota "${missing.name}"`);
  }

  /** Every quota with its use, sorted by name. The number of statements does not depend on what the person stores. */
  of(userId: string): Promise<NamedQuota[]> {
    const names = [...this.counts.keys()].toSorted();
    return Promise.all(
      names.map(async (name) => ({ name, ...(await (this.counts.get(name) as Count)(userId)) })),
    );
  }

  private discover(instance: object): void {
    const methods = instance as Readonly<Record<string, unknown>>;
    for (const method of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object | null)) {
      const found = methods[method];
      if (typeof found !== 'function') continue;
      const quota = this.reflector.get<QuotaDefinition | undefined>(COUNTS_QUOTA, found);
      if (!quota) continue;
      if (this.counts.has(quota.name)) throw new Error(`Two providers count the quota "${quota.name}"`);
      this.counts.set(quota.name, (found as Count).bind(instance));
    }
  }
}
