import { randomUUID } from 'node:crypto';

/** A signed-in person with an account. */
export interface Person {
  readonly userId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Tells the bare program which person a request is about. */
export const bareHeaders = ({ userId }: Person): Record<string, string> => ({ 'x-user-id': userId });

const MINUTE_MS = 60_000;
const PUSH_SIZE = 100;

export async function register(serviceUrl: string, name: string): Promise<Person> {
  const account = { email: `${name}@bench.test`, password: randomUUID(), device_id: `${name}-phone` };
  const { user, access_token: token } = await post<{ user: { id: string }; access_token: string }>(
    `${serviceUrl}/api/auth/register`,
    account,
  );
  return { userId: user.id, headers: { authorization: `Bearer ${token}` } };
}

/** Registering is slow, because each hashes a password: as many at once as the service hashes at once. */
export async function registerMany(serviceUrl: string, name: string, count: number): Promise<Person[]> {
  const people: Person[] = [];
  while (people.length < count) {
    const next = [people.length, people.length + 1].filter((number) => number < count);
    people.push(...(await Promise.all(next.map((number) => register(serviceUrl, `${name}${number}`)))));
  }
  return people;
}

/** Gives a person weights, a hundred at a time. */
export async function addWeights(serviceUrl: string, person: Person, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += PUSH_SIZE)
    await post(`${serviceUrl}/api/health-metrics/weight/sync`, outbox(), person.headers);
}

let measurements = 0;

/** A new weight, a minute after the previous one, so that no two are equal. */
export const newWeight = () => ({
  weight_value: 60 + (measurements % 400) / 10,
  unit: 'kg',
  timestamp: new Date(Date.UTC(2025, 0, 1) + (measurements++ % 500_000) * MINUTE_MS).toISOString(),
});

/** A hundred new entries. */
export const outbox = () => ({
  entries: Array.from({ length: PUSH_SIZE }, () => ({ local_id: `local-${measurements}`, ...newWeight() })),
});

export async function post<Answer>(url: string, body: object, headers = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}
