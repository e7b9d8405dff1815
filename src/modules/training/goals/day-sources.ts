import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { mayRead } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { addDays, DAY_MS } from '../../../kernel/quantities/local-time.js';
import { grouped } from '../../../platform/grouped.js';
import {
  DaySource,
  type DaySubject,
  type DayValue,
  MOST_DAYS,
  type OfPerson,
} from '../../../records/define/person/day-values.js';

/** A local day and its value. */
export type DatedValue = readonly [day: string, value: DayValue];

/** The values of some days, the earliest first, by subject. */
export type DatedValues = ReadonlyMap<string, readonly DatedValue[]>;

/** What is known of a day that has more than its source can compute. */
const TOO_MUCH: DayValue = { value: null, weight: 0, isPartial: true };

/** The daily values of all areas. */
@Injectable()
export class DaySources {
  private found: ReadonlySet<DaySource> | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** Once all modules have made their providers. */
  private get sources(): ReadonlySet<DaySource> {
    this.found ??= new Set(
      this.discovery
        .getProviders()
        .flatMap(({ instance }) => (instance instanceof DaySource ? instance : [])),
    );
    return this.found;
  }

  get names(): readonly string[] {
    return [...this.sources].flatMap(({ names }) => names).toSorted();
  }

  /** The kinds of records from which the values are computed. */
  get kinds(): ReadonlySet<string> {
    return new Set([...this.sources].flatMap(({ kinds }) => kinds));
  }

  /** Whether changes of records may move a subject. */
  moves(subject: string, kind: string, parts: ReadonlySet<string>): boolean {
    const source = this.sourceOf(subject);
    return source !== undefined && source.kinds.includes(kind) && source.moves(subject, kind, parts);
  }

  /** Whether the time zone of the profile decides the values, too. */
  dependsOnZone(subject: string): boolean {
    return this.sourceOf(subject)?.dependsOnZone ?? false;
  }

  /** Those of some subjects that the person has. */
  async find(person: OfPerson, subjects: Iterable<string>): Promise<ReadonlyMap<string, DaySubject>> {
    const found = new Map<string, DaySubject>();
    for (const [source, own] of this.bySource(subjects))
      for (const [subject, one] of await source.find(person, own)) found.set(subject, one);
    return found;
  }

  /** Whether the actor may read the values: an API key or a grant needs the scope of their area, too. */
  mayRead(actor: Actor, subject: string): boolean {
    const source = this.sourceOf(subject);
    return !source || mayRead(actor, source.resource);
  }

  /**
   * The days from `from` to `to` that have a value, of subjects that the person has. They are read some months at a time, and those
   * of one source together.
   */
  async valuesOf(
    person: OfPerson,
    subjects: Iterable<string>,
    from: string,
    to: string,
  ): Promise<DatedValues> {
    const all = new Map<string, DatedValue[]>();
    for (const [source, own] of this.bySource(subjects)) {
      for (const subject of own) all.set(subject, []);
      for (let day = from; day <= to; day = addDays(day, MOST_DAYS)) {
        const last = addDays(day, MOST_DAYS - 1);
        await this.read(source, person, all, own, day, last < to ? last : to);
      }
    }
    return all;
  }

  /** A source may refuse so many days, because too much is stored for them: then it is asked for fewer. */
  private async read(
    source: DaySource,
    person: OfPerson,
    all: ReadonlyMap<string, DatedValue[]>,
    subjects: readonly string[],
    from: string,
    to: string,
  ): Promise<void> {
    try {
      const values = await source.valuesOf(person, subjects, from, to);
      for (const subject of subjects)
        all.get(subject)?.push(...[...(values.get(subject) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'validation')) throw error;
      if (from === to) for (const subject of subjects) all.get(subject)?.push([from, TOO_MUCH]);
      else {
        const middle = addDays(from, Math.floor((Date.parse(to) - Date.parse(from)) / DAY_MS / 2));
        await this.read(source, person, all, subjects, from, middle);
        await this.read(source, person, all, subjects, addDays(middle, 1), to);
      }
    }
  }

  private bySource(subjects: Iterable<string>): [DaySource, string[]][] {
    const known = [...new Set(subjects)].flatMap((subject) => {
      const source = this.sourceOf(subject);
      return source ? [{ source, subject }] : [];
    });
    return [...grouped(known, ({ source }) => source)].map(([source, own]) => [
      source,
      own.map(({ subject }) => subject),
    ]);
  }

  private sourceOf(subject: string): DaySource | undefined {
    return [...this.sources].find((source) => source.has(subject));
  }
}
