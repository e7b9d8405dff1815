import { v5 as uuidv5 } from 'uuid';

/** The namespace of {@link sharedFoodId}. It is part of the API and never changes. */
const NAMESPACE = '5f0d7a92-41c8-5b3e-8a6f-2e9c1b7d4f30';

/** The id of a shared food. It is the same on every server and after every import, so meals may refer to it. */
export const sharedFoodId = (source: string, sourceRef: string): string =>
  uuidv5(`${source}/${sourceRef}`, NAMESPACE);

export const CIQUAL = 'ciqual';
export const OPEN_FOOD_FACTS = 'off';

/** What the licence of a source demands to be shown with its values. */
const ATTRIBUTIONS: Readonly<Record<string, string>> = {
  [CIQUAL]: 'Anses. 2020. Ciqual French food composition table',
  [OPEN_FOOD_FACTS]: 'Open Food Facts contributors, https://openfoodfacts.org',
};

export const LICENCES = { [CIQUAL]: 'Etalab-2.0', [OPEN_FOOD_FACTS]: 'ODbL-1.0' } as const;

export const attributionOf = (source: string | null): string | null => ATTRIBUTIONS[source ?? ''] ?? null;
