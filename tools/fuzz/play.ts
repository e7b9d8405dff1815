import { Checks, codeOf, type Finding, parsed } from './checks.js';
import { bytesOf, damagedText } from './damage.js';
import type { ApiDocument } from './document.js';
import { Marked, Measured, settle } from './pending.js';
import { People, type Person, type Promote, type Sender } from './people.js';
import type { Step } from './steps.js';
import { curl, type Wire, type WireAnswer, type WireRequest } from './wire.js';

/** A request that was sent, and what came of it. */
export interface Played {
  readonly step: Step;
  readonly request: WireRequest;
  readonly answer: WireAnswer | string;
  readonly findings: readonly Finding[];
}

/** More of a query, wrong in ways that one value cannot be. */
const QUERIES = [
  'limit=1&limit=2',
  'limit[]=1',
  'unknown=1',
  'owner_id=x',
  'owner_id=',
  'owner_id=019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33',
  '%zz',
  'a=%00',
  `q=${'x'.repeat(5_000)}`,
  'limit',
  '&&=&',
  '__proto__[a]=1',
  'constructor=1',
  'limit=1e2',
  'limit=%EF%BC%91',
];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { authorization: 'Bearer' },
  { authorization: 'Bearer a.b.c' },
  { authorization: 'Basic YTpi' },
  { authorization: `Bearer ${'x'.repeat(8_000)}` },
  { authorization: 'Bearer hale_0_0' },
  { 'idempotency-key': '' },
  { 'idempotency-key': 'x'.repeat(256) },
  { 'idempotency-key': 'é' },
  { 'x-device-id': 'a b' },
  { 'x-device-id': 'x'.repeat(65) },
  { 'x-device-id': '' },
  { 'if-none-match': '*' },
  { 'if-none-match': 'W/"' },
  { 'if-none-match': `"${'x'.repeat(4_000)}"` },
  { 'x-request-id': 'short' },
  { 'x-request-id': 'x'.repeat(200) },
  { 'x-sync-user': 'nobody' },
  { 'x-client-version': 'x'.repeat(33) },
  { 'accept-encoding': 'gzip;q=0, br' },
  { 'accept-language': '*,,;q=x' },
  { accept: 'text/html' },
  { host: 'evil.example' },
  { origin: 'https://evil.example' },
  { expect: 'something' },
  { 'content-digest': 'sha-256=:AAAA:' },
  { 'signature-input': 'sig=()', signature: 'sig=:AAAA:' },
  { range: 'bytes=0-1' },
  { 'x-large': 'x'.repeat(20_000) },
  { 'x-http-method-override': 'DELETE' },
  { 'transfer-encoding': 'chunked' },
];

/** Sends steps as new people, and checks every answer. */
export class Player {
  private readonly checks: Checks;

  constructor(
    private readonly wire: Wire,
    document: ApiDocument,
    private readonly promote: Promote,
    maxMilliseconds: number | undefined,
  ) {
    this.checks = new Checks(document, maxMilliseconds);
  }

  async play(steps: readonly Step[]): Promise<Played[]> {
    const people = new People(this.wire, this.promote);
    for (const name of ['user', 'second', 'coach', 'admin', 'leaver']) await people.person(name);
    const played: Played[] = [];
    for (let next = 0; next < steps.length;) {
      let last = next;
      while (steps[last]?.isJoined && last < steps.length - 1) last += 1;
      const together: [Step, Sender][] = [];
      // One after the other, so that no two open the same account.
      for (const step of steps.slice(next, last + 1)) together.push([step, await people.sender(step.sender)]);
      played.push(...(await Promise.all(together.map((one) => this.send(one, people)))));
      next = last + 1;
    }
    return played;
  }

  private async send([step, { person, sign }]: [Step, Sender], people: People): Promise<Played> {
    const request = sign(this.requestOf(step, person, people));
    const credited = spread(step, request, person, people.all);
    const answer = await this.wire.send(request);
    if (typeof answer === 'string') {
      const key = `${step.operation?.route ?? step.path}: no answer`;
      return { step, request, answer, findings: [{ key, text: answer }] };
    }
    // A sign-in shows the account whose password it carries, also one of which the sender knows an earlier address.
    const signsIn = step.operation?.route === 'POST /api/auth/login';
    const foreign = (signsIn ? [] : people.all)
      .filter((one) => one !== person && !credited.includes(one) && !mayRead(person, one, step))
      .flatMap((one) => one.marks.map((mark) => ({ person: one, mark })))
      .filter(({ mark }) => !person.said.has(mark));
    const findings = this.checks.of({ operation: routed(step, request), request, answer, foreign });
    if (credited.every((one) => one === person)) learn(person, step, answer);
    return { step, request, answer, findings };
  }

  private requestOf(step: Step, person: Person, people: People): WireRequest {
    const { method, damage } = step;
    const others = people.all.filter((one) => one !== person);
    const now = (value: unknown): unknown =>
      settle(value, (one) => {
        if (one instanceof Marked) return person.text(one);
        if (one instanceof Measured) return person.number(one);
        const whose = one.source === 'own' ? person : others[one.choice % others.length];
        return settle((whose ?? person).find(one), (inner) =>
          inner instanceof Marked ? person.text(inner) : null,
        );
      });
    const { body, headers } = bytesOf(now(step.body), damage?.part === 'body' ? damage : undefined);
    const own = Object.entries(now(step.headers) as object).map(([name, value]) => [
      name.toLowerCase(),
      String(value),
    ]);
    const wrong = damage?.part === 'header' ? HEADERS[damage.place % HEADERS.length] : undefined;
    return {
      method,
      target: targetOf(step, now),
      headers: { ...people.headers, ...headers, ...Object.fromEntries(own), ...wrong },
      body,
    };
  }
}

function targetOf({ path, inPath, query, damage }: Step, now: (value: unknown) => unknown): string {
  const part = damage?.part;
  const values = Object.entries(now(inPath) as object).map(([name, value]) => [name, String(value)] as const);
  let route = path;
  for (const [name, value] of values)
    route = route.replace(
      `{${name}}`,
      encoded(damage && part === 'path' ? damagedText(value, damage) : value),
    );
  const pairs = Object.entries(now(query) as object).map(([name, value]) => [name, String(value)] as const);
  const wrong = damage && part === 'query' ? damage.place % Math.max(pairs.length, 1) : undefined;
  const texts = pairs.map(
    ([name, value], index) =>
      `${name}=${encoded(damage && index === wrong ? damagedText(value, damage) : value)}`,
  );
  if (damage && part === 'target') texts.push(QUERIES[damage.place % QUERIES.length] ?? '');
  return texts.length > 0 ? `${route}?${texts.join('&')}` : route;
}

/** The operation that a request reaches: none when a part of the path is empty. */
const routed = ({ operation }: Step, { target }: WireRequest): Step['operation'] =>
  /\/(?:\/|$)/.test(target.split('?', 1)[0] ?? '') ? undefined : operation;

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

/**
 * Notes what a request lets others see, before it is sent: a request beside it may already see its effect.
 * @returns the people whose credentials it carries: whoever sends them gets that person's answers
 */
function spread(step: Step, { target, body }: WireRequest, person: Person, all: readonly Person[]): Person[] {
  const shown = `${target} ${body?.toString('utf8') ?? ''}`;
  const named = all.filter((one) => shown.includes(one.email));
  if (step.operation?.route === 'POST /api/users/me/grants')
    for (const one of named) person.granted.add(one.userId);
  for (const one of all) for (const mark of one.marks) if (shown.includes(mark)) person.said.add(mark);
  const credited = all.filter((one) => named.includes(one) || one.ownsSecretIn(shown));
  // A sign-in as another leaves the sender's name of the device in that account.
  if (step.path.startsWith('/api/auth/'))
    for (const one of credited) for (const mark of person.marks) one.said.add(mark);
  return credited;
}

/** Whether a person may see data of another, by a role or by a grant that was ever given. */
function mayRead(person: Person, owner: Person, { path, operation, query }: Step): boolean {
  if (person.role === 'admin' && path.startsWith('/api/admin/')) return true;
  const isReading = 'owner_id' in query || path.endsWith('/received');
  return operation !== undefined && isReading && owner.granted.has(person.userId);
}

function learn(person: Person, { operation, sender }: Step, answer: WireAnswer): void {
  // A refused key says nothing about the sessions of its owner.
  if (answer.status === 401 && sender === person.role && codeOf(answer) !== 'unauthenticated')
    person.isLost = true;
  const { etag } = answer.headers;
  if (etag !== undefined) person.note('etag', etag);
  if (!operation || answer.status >= 300) return;
  if (operation.route === 'DELETE /api/users/me' || operation.route === 'PUT /api/users/me/password')
    person.isLost = true;
  const end = operation.path.indexOf('/{');
  const collection = end < 0 ? operation.path : operation.path.slice(0, end);
  harvest(person, `id of ${collection}`, parsed(answer.text), '');
}

const isUuid = (value: unknown): boolean => typeof value === 'string' && /^[\da-f-]{36}$/.test(value);

/** The names under which a value is sent back, where they differ from those of the answer. */
const SENT_AS: Readonly<Record<string, string>> = {
  next_since: 'since',
  conflict_id: 'id of /api/sync/conflicts',
};

function harvest(person: Person, idName: string, value: unknown, name: string): void {
  if (Array.isArray(value)) value.forEach((one) => harvest(person, idName, one, name));
  else if (typeof value === 'object' && value !== null) {
    // The session with which the person goes on.
    if ('current' in value && value.current === true) return;
    if ('id' in value && !idName.includes('/admin/')) person.note(idName, value.id);
    for (const [key, one] of Object.entries(value)) harvest(person, idName, one, key);
    // Errors have codes of another kind, and passkeys ids of another form.
  } else if (name !== '' && name !== 'code' && value !== null && (name !== 'id' || isUuid(value))) {
    person.note(name, value);
    if (SENT_AS[name] !== undefined) person.note(SENT_AS[name], value);
  }
}

/** The commands that send the requests again, with a variable in place of each access token. */
export const curls = (played: readonly Played[]): string =>
  played
    .map(({ step: { sender }, request, answer }) => {
      const command = curl(request).replace(
        /'authorization: Bearer eyJ[^']*'/,
        `"authorization: Bearer $${sender}"`,
      );
      return `  ${command} # ${typeof answer === 'string' ? answer : answer.status}`;
    })
    .join('\n');
