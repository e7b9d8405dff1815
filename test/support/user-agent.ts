interface Cookie {
  readonly value: string;
  readonly path: string;
  readonly attributes: string;
}

/** Where the browser ended: at a link of an app, or at a page. */
export interface Landing {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

interface Navigation {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  /** The site from which the browser navigates. */
  readonly from?: string;
}

const MAX_STEPS = 20;

/** A minimal browser for sign-ins: it keeps cookies, follows redirects, and sends forms. */
export class UserAgent {
  private readonly cookies = new Map<string, Map<string, Cookie>>();
  /** Every URL that it opened. */
  readonly history: string[] = [];

  constructor(
    /** Public origins, and where they are served on this machine. */
    private readonly hosts: Readonly<Record<string, string>>,
    /** The login name that it types into the form of a provider. */
    private readonly login: string,
  ) {}

  /** The `Set-Cookie` lines of a site, by the names of the cookies. */
  cookiesOf(origin: string): Map<string, Cookie> {
    return this.cookies.get(origin) ?? new Map<string, Cookie>();
  }

  /** Navigates until it reaches a link of an app, or a page without a form. */
  async open(
    address: string,
    { method = 'GET', form, from }: Navigation = {},
    steps = MAX_STEPS,
  ): Promise<Landing> {
    if (steps === 0) throw new Error(`Too many redirects: ${this.history.join('\n')}`);
    this.history.push(address);
    const url = new URL(address);
    if (!this.isServed(url)) return { url: address, status: 0, body: '' };
    const response = await this.send(url, method, form, from);
    this.keep(url.origin, response.headers.getSetCookie());
    const location = response.headers.get('location');
    const body = await response.text();
    if (location !== null) return this.open(new URL(location, url).href, {}, steps - 1);
    const next = this.readForm(body, url);
    return next
      ? this.open(next.action, { method: 'POST', form: next.form, from: url.origin }, steps - 1)
      : { url: address, status: response.status, body };
  }

  private isServed({ origin, hostname }: URL): boolean {
    return origin in this.hosts || hostname === '127.0.0.1';
  }

  private send(
    url: URL,
    method: string,
    form: Navigation['form'],
    from: string | undefined,
  ): Promise<Response> {
    const isCrossSitePost = method === 'POST' && from !== undefined && from !== url.origin;
    const cookies = [...this.cookiesOf(url.origin)]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .filter(([, { attributes }]) => !isCrossSitePost || /samesite=none/i.test(attributes))
      .map(([name, { value }]) => `${name}=${value}`);
    return fetch((this.hosts[url.origin] ?? url.origin) + url.pathname + url.search, {
      method,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookies.length > 0 ? { cookie: cookies.join('; ') } : {}) },
      ...(form ? { body: new URLSearchParams(form) } : {}),
    });
  }

  private keep(origin: string, lines: readonly string[]): void {
    const jar = this.cookiesOf(origin);
    this.cookies.set(origin, jar);
    for (const line of lines) {
      const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? [];
      const path = /path=([^;]+)/i.exec(attributes)?.[1] ?? '/';
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(attributes)) jar.delete(name);
      else jar.set(name, { value, path, attributes });
    }
  }

  /** Reads the form of a page and fills it in. */
  private readForm(html: string, page: URL) {
    const [, action] = /<form[^>]+action="([^"]*)"/.exec(html) ?? [];
    if (action === undefined) return undefined;
    const inputs = [...html.matchAll(/<input[^>]*>/g)].map(([tag]) => ({
      name: /name="([^"]*)"/.exec(tag)?.[1] ?? '',
      value: /value="([^"]*)"/.exec(tag)?.[1] ?? '',
    }));
    const form = Object.fromEntries(
      inputs.filter(({ name }) => name).map(({ name, value }) => [name, value]),
    );
    const typed: Record<string, string> = 'login' in form ? { login: this.login, password: 'any' } : {};
    return { action: new URL(action.replaceAll('&amp;', '&'), page).href, form: { ...form, ...typed } };
  }
}
