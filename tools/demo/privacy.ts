import type { Hale } from '@hale/client';
import { mealTexts } from './meals.js';
import type { Ending } from './story.js';

/** Requests, as each person, an entry of the next one. @returns descriptions of failed checks. */
export async function askForOthersData(people: readonly Ending[]): Promise<string[]> {
  const found: string[] = [];
  for (const [index, owner] of people.entries()) {
    const [phone] = owner.phones;
    const [asker] = people[(index + 1) % people.length]?.phones ?? [];
    const records = (await phone?.hale.records('weight').list()) ?? [];
    const id = records.find(({ version }) => version !== undefined)?.id;
    if (!id || !phone || !asker || asker === phone) continue;
    const [own, other] = [await statusOf(phone.hale, id), await statusOf(asker.hale, id)];
    if (own !== 200 || other !== 404)
      found.push(`the entry of ${owner.person.name}: owner ${own}, other ${other}`);
  }
  return found;
}

async function statusOf({ api }: Hale, id: string): Promise<number> {
  const { response } = await api.GET('/api/health-metrics/weight/{id}', { params: { path: { id } } });
  return response.status;
}

/** Lines of the service's log that contain data of a person. */
export function personalLines(log: readonly string[], people: readonly Ending[]): string[] {
  const accounts = people.flatMap(({ account }) => [account.email, account.password]);
  const texts = [...mealTexts, ...accounts, 'weight_value', 'eaten_at'];
  const weights = new Set(people.flatMap(({ person }) => person.measurements.map(weightText)));
  return log.filter((line) => {
    const said = withoutTimes(line);
    const numbers: string[] = said.match(/\d+\.\d+/g) ?? [];
    return texts.some((text) => said.includes(text)) || numbers.some((number) => weights.has(number));
  });
}

const weightText = ({ weight_value }: { weight_value: number }): string => String(weight_value);

/** Removes durations, which may look like a weight. */
const withoutTimes = (line: string): string =>
  line.replace(/"(?:duration_ms|time)":\s*(?:"[^"]*"|[\d.e+-]+)/g, '');
