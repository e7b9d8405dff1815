import { retryAfterMs, Temporary } from './retry.js';
import type {
  Account,
  Device,
  ListAnswer,
  ListedEntry,
  PullAnswer,
  PushAnswer,
  PushedEntry,
  SignInAnswer,
} from './wire.js';

const ANSWER_DEADLINE_MS = 15_000;
const PULL_LIMIT = 500;
const LIST_LIMIT = 500;
const WEIGHT = '/api/health-metrics/weight';

/** The service refused a request, and would refuse it again. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** One device's way to the service. Every method is a single try; the caller decides about another. */
export class Api {
  private token: string | undefined;
  /** How many requests were sent, answered or not. */
  requests = 0;

  constructor(
    private readonly baseUrl: string,
    private readonly device: Device,
  ) {}

  async register(account: Account): Promise<void> {
    await this.signIn('/api/auth/register', account);
  }

  async login(account: Account): Promise<void> {
    await this.signIn('/api/auth/login', account);
  }

  /** At most 100 entries. */
  push(entries: readonly PushedEntry[]): Promise<PushAnswer> {
    return this.request('POST', `${WEIGHT}/sync`, { entries, client_time: new Date().toISOString() });
  }

  pull(since: string | undefined): Promise<PullAnswer> {
    const query = new URLSearchParams({ limit: String(PULL_LIMIT), ...(since && { since }) });
    return this.request('GET', `${WEIGHT}/sync?${query}`);
  }

  /** Everything the service lists for this person, page by page. */
  async list(): Promise<ListedEntry[]> {
    const found: ListedEntry[] = [];
    for (;;) {
      const page = await this.request<ListAnswer>(
        'GET',
        `${WEIGHT}?limit=${LIST_LIMIT}&offset=${found.length}`,
      );
      found.push(...page.data);
      if (page.data.length === 0 || found.length >= page.pagination.total) return found;
    }
  }

  entry(id: string): Promise<ListedEntry> {
    return this.request('GET', `${WEIGHT}/${encodeURIComponent(id)}`);
  }

  private async signIn(path: string, account: Account): Promise<void> {
    const answer = await this.request<SignInAnswer>('POST', path, { ...account, ...this.device });
    this.token = answer.access_token;
  }

  private async request<T>(method: string, path: string, body?: object): Promise<T> {
    this.requests += 1;
    const { response, text } = await answerOf(this.baseUrl + path, {
      method,
      headers: this.headers(body !== undefined),
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    });
    if (response.ok) return JSON.parse(text) as T;
    const problem = `${method} ${path}: ${response.status} ${reasonIn(text)}`;
    if (response.status < 500 && response.status !== 429) throw new Refused(response.status, problem);
    throw new Temporary(problem, retryAfterMs(response.headers.get('retry-after'), Date.now()));
  }

  private headers(hasBody: boolean): Record<string, string> {
    return {
      accept: 'application/json',
      'x-device-id': this.device.device_id,
      ...(this.token && { authorization: `Bearer ${this.token}` }),
      ...(hasBody && { 'content-type': 'application/json' }),
    };
  }
}

/** Headers and whole body: a connection may break between the two. */
async function answerOf(url: string, init: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(url, init);
    return { response, text: await response.text() };
  } catch (error) {
    const { cause, name } = error as Error;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    throw new Temporary(name === 'TimeoutError' ? 'no answer in time' : `connection lost (${code ?? name})`);
  }
}

/** What a problem document (RFC 9457) says, or the start of whatever else came. */
function reasonIn(text: string): string {
  try {
    const { title, detail, errors } = JSON.parse(text) as {
      title?: string;
      detail?: string;
      errors?: object[];
    };
    return [title, detail, errors && JSON.stringify(errors)].filter(Boolean).join(' — ');
  } catch {
    return text.slice(0, 200);
  }
}
