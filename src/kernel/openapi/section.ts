import { applyDecorators } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';

export interface SectionText {
  readonly name: string;
  /** What the routes in it are for (Markdown). */
  readonly about: string;
  /** Sections of a lower rank come first; within a rank they are sorted by name. */
  readonly rank: number;
}

const known = new Map<string, SectionText>();

/** The usual rank: what the product keeps. Accounts come before, sync after. */
const PRODUCT = 2;

/** The part of the documentation a controller's routes appear in. */
export const Section = (name: string, about: string, rank = PRODUCT): ClassDecorator =>
  applyDecorators(ApiTags(name), () => {
    known.set(name, { name, about, rank });
  });

/** The table of contents. */
export const sections = (): readonly SectionText[] =>
  [...known.values()].toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
