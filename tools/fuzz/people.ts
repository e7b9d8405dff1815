import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Marked, Measured, Pending } from './pending.js';
import { signed } from './signature.js';
import type { Wire, WireRequest } from './wire.js';

export const PASSWORD = 'correct horse battery staple';
const KEPT = 30;
const SECRETS = ['refresh_token', 'challenge', 'recovery_codes', 'key'];
const DEVICES = ['phone', 'tablet'];

/** Gives an account a role, a verified address and a second factor, which no request could give it. */
export type Promote = (userId: string, role: string) => Promise<void>;

type Json = Readonly<Record<string, unknown>>;

/** An account with a secret of its own, and what its answers contained. */
export class Person {
  /** Is in every text that this person enters, so that it is recognised in an answer to somebody else. */
  readonly mark = `mk${randomBytes(5).toString('hex')}`;
  /** The same for numbers: the decimals of every weight. */
  private readonly decimals = String(randomInt(1_000_000, 9_999_999)) + '1';
  readonly email = `${randomUUID()}@fuzz.example`;
  /** Marks of others that were in requests of this person: the service may answer them. */
  readonly said = new Set<string>();
  /** The ids of the accounts to which this person gave access. */
  readonly granted = new Set<string>();
  userId = '';
  token = '';
  /** True when the credentials are no longer accepted. */
  isLost = true;
  private readonly pools = new Map<string, unknown[]>();
  private sequence = 0;

  constructor(readonly role: string) {}

  get marks(): readonly string[] {
    return [this.mark, `.${this.decimals}`];
  }

  text({ text, maxLength }: Marked): string {
    return maxLength < this.mark.length + 1
      ? text
      : [...`${this.mark} ${text}`].slice(0, maxLength).join('').trimEnd();
  }

  number({ whole }: Pick<Measured, 'whole'>): number {
    return Number(`${whole}.${this.decimals}`);
  }

  note(name: string, value: unknown): void {
    const pool = this.pools.get(name) ?? [];
    if (!pool.includes(value)) this.pools.set(name, [...pool, value].slice(-KEPT));
  }

  /** Whether a text contains a token that stands for this person. */
  ownsSecretIn(text: string): boolean {
    const secrets = SECRETS.flatMap((name) => this.pools.get(name) ?? []);
    return secrets.some((secret) => typeof secret === 'string' && text.includes(secret));
  }

  /** The value of this name that the person would send. */
  find({ name, choice, otherwise }: Pending): unknown {
    const known = this.fixed(name, choice);
    if (known !== undefined) return known;
    const isNew = NEW[name] !== undefined && choice % NEW[name] === 0;
    const pool = this.pools.get(name) ?? [];
    return isNew || pool.length === 0 ? otherwise : pool[choice % pool.length];
  }

  private fixed(name: string, choice: number): unknown {
    if (name === 'email') return this.email;
    if (name === 'password' || name === 'current_password') return PASSWORD;
    if (name === 'client_id' || name === 'device_id') return DEVICES[choice % DEVICES.length];
    if (name === 'client_seq') return choice % 10 === 0 ? undefined : ++this.sequence;
    if (name === 'owner_id' || name === 'user_id') return this.userId;
    if (name === 'code') return this.code();
    return undefined;
  }

  private code(): string | undefined {
    const secret = this.pools.get('secret')?.at(-1);
    if (typeof secret !== 'string') return undefined;
    return new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  }
}

/** How often a name gets a new value and no known one: one time in so many. */
const NEW: Readonly<Record<string, number>> = {
  id: 3,
  mutation_id: 2,
  group_id: 2,
  local_id: 3,
  server_id: 3,
};

/** Who sends a request: a person with a token, a program with a key of a person, or nobody. */
export interface Sender {
  readonly person: Person;
  /** Adds the credentials. */
  sign(request: WireRequest): WireRequest;
}

export const SENDERS = ['nobody', 'user', 'second', 'coach', 'admin', 'leaver', 'key', 'signed key'] as const;
export type SenderName = (typeof SENDERS)[number];

const ALL_SCOPES = [
  'meals:read',
  'meals:write',
  'metrics:read',
  'metrics:write',
  'profile:read',
  'profile:write',
];

/** The people of one sequence of requests. */
export class People {
  private readonly persons = new Map<string, Person>();
  /** Everybody who ever had an account, also those whose accounts were closed. */
  readonly all: Person[] = [];
  private readonly nobody = new Person('nobody');
  private readonly keys = new Map<string, { owner: string; key: string; id: string; secret: string }>();
  private readonly address = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;

  constructor(
    private readonly wire: Wire,
    private readonly promote: Promote,
  ) {}

  /** Sign-ins are limited by address, so each sequence of requests comes from its own. */
  get headers(): Readonly<Record<string, string>> {
    return { 'x-forwarded-for': this.address };
  }

  async sender(name: SenderName): Promise<Sender> {
    if (name === 'nobody') return { person: this.nobody, sign: (request) => request };
    if (name === 'key' || name === 'signed key') return this.program(name);
    const person = await this.person(name);
    return { person, sign: (request) => withToken(request, person.token) };
  }

  /** A person who can sign in: a new account takes the place of one that was closed. */
  async person(name: string): Promise<Person> {
    const known = this.persons.get(name);
    if (known && !known.isLost) return known;
    const person = new Person(name);
    this.persons.set(name, person);
    this.all.push(person);
    await this.register(person);
    return person;
  }

  private async register(person: Person): Promise<void> {
    const { email } = person;
    const account = await this.call('/api/auth/register', {
      email,
      password: PASSWORD,
      device_id: 'phone',
      display_name: `${person.mark} ${person.role}`,
    });
    person.userId = (account['user'] as Json)['id'] as string;
    await this.promote(person.userId, ['coach', 'admin'].includes(person.role) ? person.role : 'user');
    // Only the next access token says that there was a second factor.
    const refreshed = await this.call('/api/auth/refresh', { refresh_token: account['refresh_token'] });
    person.token = refreshed['access_token'] as string;
    person.note('refresh_token', refreshed['refresh_token']);
    person.isLost = false;
    // The only account that admins change, so that the others can go on.
    if (person.role === 'leaver') (await this.person('admin')).note('id of /api/admin/users', person.userId);
  }

  private async program(name: 'key' | 'signed key'): Promise<Sender> {
    const person = await this.person('user');
    const known = this.keys.get(name);
    const made = known?.owner === person.userId ? known : await this.makeKey(person, name === 'signed key');
    if (!made) {
      // The session has ended, or there are too many keys.
      person.isLost = true;
      return this.program(name);
    }
    this.keys.set(name, made);
    const { key, id, secret } = made;
    return {
      person,
      sign: (request) => (secret ? signed(withToken(request, key), id, secret) : withToken(request, key)),
    };
  }

  private async makeKey(person: Person, requiresSignature: boolean) {
    const body = { name: person.mark, scopes: ALL_SCOPES, requires_signature: requiresSignature };
    const made = await this.call('/api/api-keys', body, person.token).catch(() => undefined);
    if (!made) return undefined;
    const [id, key, secret = ''] = [made['id'], made['key'], made['signing_secret']] as string[];
    if (id === undefined || key === undefined) throw new Error('An API key without id or key');
    return { owner: person.userId, key, id, secret };
  }

  private async call(path: string, body: Json, token = ''): Promise<Json> {
    const request = {
      method: 'POST',
      target: path,
      headers: { ...this.headers, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
    };
    const answer = await this.wire.send(token ? withToken(request, token) : request);
    if (typeof answer === 'string' || answer.status >= 300)
      throw new Error(`${path}: ${typeof answer === 'string' ? answer : `${answer.status} ${answer.text}`}`);
    return JSON.parse(answer.text) as Json;
  }
}

const withToken = (request: WireRequest, token: string): WireRequest => ({
  ...request,
  headers: { authorization: `Bearer ${token}`, ...request.headers },
});
