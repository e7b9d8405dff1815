import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { mayRead } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import { DaySource, type DaySubject, type DayValue, MOST_DAYS } from '../../../records/define/day-values.js';

/** A local day and its value. */
export type DatedValue = readonly [day: string, value: DayValue];

/** The daily values of all areas. */
@Injectable()
export class DaySources implements OnModuleInit {
  private readonly sources = new Set<DaySource>();

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    for (const { instance } of this.discovery.getProviders())
      if (instance instanceof DaySource) this.sources.add(instance);
  }

  get names(): readonly string[] {
    return [...this.sources].flatMap(({ names }) => names).toSorted();
  }

  find(subject: string): DaySubject | undefined {
    return this.sourceOf(subject)?.find(subject);
  }

  /** Whether the actor may read the values: an API key or a grant needs the scope of their area, too. */
  mayRead(actor: Actor, subject: string): boolean {
    const source = this.sourceOf(subject);
    return !source || mayRead(actor, source.resource);
  }

  /** The days from `from` to `to` that have a value that the actor may read, the earliest first. They are read some months at a time. */
  async valuesOf(actor: Actor, subject: string, from: string, to: string): Promise<DatedValue[]> {
    const all: DatedValue[] = [];
    const source = this.sourceOf(subject);
    if (!source || !mayRead(actor, source.resource)) return all;
    for (let day = from; day <= to; day = addDays(day, MOST_DAYS)) {
      const last = addDays(day, MOST_DAYS - 1);
      all.push(...(await source.valuesOf(actor, subject, day, last < to ? last : to)));
    }
    return all.toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  private sourceOf(subject: string): DaySource | undefined {
    return [...this.sources].find((source) => source.find(subject) !== undefined);
  }
}
