import { v5 as uuidv5 } from 'uuid';

/** The namespace of {@link favoriteId}. It is part of the API and never changes. */
const NAMESPACE = 'f5bb52c4-2efb-5e4f-b7b3-0bf93791f938';

/** The id of the favourite of a food. Every device that marks the food derives the same one, so that it is one record. */
export const favoriteId = (foodId: string): string => uuidv5(foodId, NAMESPACE);
