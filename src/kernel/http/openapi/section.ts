import { applyDecorators } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';

export interface SectionText {
  readonly name: string;
  /** What the routes of this section are for (Markdown). */
  readonly about: string;
  /** Sections of a lower rank come first; within a rank they are sorted by name. */
  readonly rank: number;
}

const known = new Map<string, SectionText>();

/** The default rank: the product's own data comes first, then sync (1), sign-in (2), the account (3), operations (4). */
const PRODUCT = 0;

/** Puts the routes of a controller into a section of the documentation. */
export const Section = (name: string, about: string, rank = PRODUCT): ClassDecorator =>
  applyDecorators(ApiTags(name), () => {
    known.set(name, { name, about, rank });
  });

/** All sections in the order of the documentation. */
export const sections = (): readonly SectionText[] =>
  [...known.values()].toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
