import { Refused, type Api } from './api.js';
import type { Ending } from './story.js';

/** Asks as each person for an entry of the next one. Returns what should not have happened, in words. */
export async function askForOthersData(people: readonly Ending[]): Promise<string[]> {
  const found: string[] = [];
  for (const [index, owner] of people.entries()) {
    const id = owner.phone.store.visible().find((entry) => entry.server_id)?.server_id;
    const asker = people[(index + 1) % people.length];
    if (!id || !asker || asker === owner) continue;
    const [own, other] = [await statusOf(owner.phone.api, id), await statusOf(asker.phone.api, id)];
    if (own !== 200 || other !== 404)
      found.push(`the entry of ${owner.person.name}: owner ${own}, other ${other}`);
  }
  return found;
}

async function statusOf(api: Api, id: string): Promise<number> {
  try {
    await api.entry(id);
    return 200;
  } catch (error) {
    if (error instanceof Refused) return error.status;
    throw error;
  }
}
