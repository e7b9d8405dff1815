import { SetMetadata } from '@nestjs/common';

/** What a person may have of something. */
export interface QuotaDefinition {
  /** Its name in the API. */
  readonly name: string;
  /** What is counted, in the plural. */
  readonly about: string;
}

/** How much of a quota is used. */
export interface QuotaUse {
  readonly limit: number;
  readonly used: number;
}

const definitions = new Map<string, QuotaDefinition>();

/** Declares a quota, beside what enforces it. @throws Error when the name is taken */
export function defineQuota(name: string, about: string): QuotaDefinition {
  if (definitions.has(name)) throw new Error(`The quota "${name}" is declared twice`);
  const definition = { name, about };
  definitions.set(name, definition);
  return definition;
}

/** Every quota that the loaded modules declare, sorted by name. */
export const declaredQuotas = (): readonly QuotaDefinition[] =>
  [...definitions.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));

export const COUNTS_QUOTA = 'hale:counts-quota';

/** The method of a provider that reads how much of a quota a person uses: `(userId: string) => Promise<QuotaUse>`. */
export const CountsQuota = (definition: QuotaDefinition): MethodDecorator =>
  SetMetadata(COUNTS_QUOTA, definition);
