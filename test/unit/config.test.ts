import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/config.js';
import { environment } from '../../src/config/environment.js';

const SECRET = 'k7Qw2mZ9xV4tB1nL8cR5yH3jP6sD0fGa';
const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: SECRET,
  PUBLIC_URL: 'https://hale.test',
  TRUST_PROXY: '1',
  DATABASE_URL: 'mysql://hale:Xk29sLq01mZ@db/hale',
};

/** A private key on a curve. */
const keyOn = (namedCurve: string): string =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The lines of the error that stops the start; empty when the configuration is valid. */
function refusal(source: Record<string, string | undefined>): string[] {
  try {
    loadConfig(source);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split('\n');
  }
}

/** Expects that the start is refused with one line, which names the variable and not its value. */
function expectRefused(name: string, value: string, others: Record<string, string | undefined> = {}): void {
  const lines = refusal({ NODE_ENV: 'test', JWT_SECRET: SECRET, ...others, [name]: value });
  expect([name, value, lines.length]).toEqual([name, value, 1]);
  expect(lines[0]).toMatch(new RegExp(`^${name} must `));
  expect(lines[0]!.length).toBeLessThan(200);
  // A very short value may be part of the sentence by chance.
  if (value.length > 8) expect(lines[0]).not.toContain(value);
}

describe('104: the configuration', () => {
  let directory: string;
  let cwd: string;
  beforeEach(() => {
    cwd = process.cwd();
    directory = mkdtempSync(join(tmpdir(), 'hale-config-'));
  });
  afterEach(() => {
    process.chdir(cwd);
    rmSync(directory, { recursive: true, force: true });
  });

  it.each([
    ['http://localhost:5173', true],
    ['http://127.0.0.1:8080', true],
    ['https://[::1]:3001', true],
    ['http://phone.lan:5173', true],
    ['https://app.example', true],
    ['http://localhost.evil.example', false],
    ['http://evil.example:3000', false],
    ['http://192.168.0.1:5173', false],
    ['null', false],
    ['file:///tmp/page.html', false],
    ['capacitor://localhost', false],
  ])('in development a page of %s may call the API: %s; elsewhere only listed origins', (origin, allowed) => {
    const env = {
      DATABASE_URL: `sqlite:${directory}/hale.sqlite`,
      PUBLIC_URL: 'http://phone.lan:3000',
      CORS_ORIGINS: 'https://app.example',
    };
    expect(loadConfig(env).allowsOrigin(origin)).toBe(allowed);
    expect(loadConfig({ ...env, NODE_ENV: 'test' }).allowsOrigin(origin)).toBe(
      origin === 'https://app.example',
    );
  });

  it('104: needs nothing outside production', () => {
    const { env, isProduction, servesDocs } = loadConfig({ DATABASE_URL: `sqlite:${directory}/hale.sqlite` });
    expect([env.NODE_ENV, isProduction, servesDocs]).toEqual(['development', false, true]);
    expect(env).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://localhost:3000',
      JWT_ACCEPTED_SECRETS: [],
      CORS_ORIGINS: [],
      TRUST_PROXY: 0,
      RATE_LIMIT_PER_MINUTE: 100,
      ACCESS_TOKEN_TTL: 900_000,
      REFRESH_IDLE_TTL: 60 * 86_400_000,
      REFRESH_ABSOLUTE_TTL: 180 * 86_400_000,
      REFRESH_REUSE_INTERVAL: 10_000,
      LOG_LEVEL: 'info',
    });
    expect([env.REDIS_URL, env.SMTP_URL, env.METRICS_TOKEN, env.JWT_SECRET]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('104: sends mails from the host of PUBLIC_URL, or from MAIL_FROM', () => {
    const from = (source: object) => loadConfig({ ...PRODUCTION, ...source }).mailFrom;
    expect(from({})).toBe('Hale <no-reply@hale.test>');
    for (const MAIL_FROM of ['Häle Büro <a.b+c@mail.hale.test>', 'a@hale.test'])
      expect(from({ MAIL_FROM })).toBe(MAIL_FROM);
  });

  it('104: has a public address on the port it listens on, until one is given', () => {
    const publicUrl = (source: object) => loadConfig({ JWT_SECRET: SECRET, ...source }).env.PUBLIC_URL;
    expect([publicUrl({}), publicUrl({ PORT: '8080' }), publicUrl({ PORT: '0' })]).toEqual([
      'http://localhost:3000',
      'http://localhost:8080',
      'http://localhost:3000',
    ]);
    expect(publicUrl({ PORT: '8080', PUBLIC_URL: 'https://hale.test' })).toBe('https://hale.test');
  });

  it('104: refuses an https address without a trusted proxy in production', () => {
    const line = 'TRUST_PROXY must be at least 1 with an https PUBLIC_URL in production';
    for (const TRUST_PROXY of [undefined, '', '0'])
      expect(refusal({ ...PRODUCTION, TRUST_PROXY })).toEqual([line]);
    const local = { ...PRODUCTION, TRUST_PROXY: '0', PUBLIC_URL: 'http://localhost:3000' };
    expect(refusal(local)).toEqual([]);
    expect(refusal({ ...PRODUCTION, TRUST_PROXY: '0', NODE_ENV: 'development' })).toEqual([]);
  });

  it('104: treats an empty variable as not set, and trims values', () => {
    const empty = Object.fromEntries(Object.keys(environment).map((name) => [name, '  ']));
    expect(loadConfig({ ...empty, DATABASE_URL: `sqlite:${directory}/x`, PORT: ' 8080 ' }).env).toMatchObject(
      { NODE_ENV: 'development', PORT: 8080, TRUST_PROXY: 0 },
    );
  });

  it('104: accepts valid values', () => {
    expect(refusal(PRODUCTION)).toEqual([]);
    expect(
      refusal({
        ...PRODUCTION,
        METRICS_TOKEN: SECRET,
        CORS_ORIGINS: 'https://a.test, https://b.test:8443',
        APP_LINKS: 'https://hale.test/signed-in, org.example.hale:/signed-in',
        GOOGLE_CLIENT_ID: 'id',
        GOOGLE_CLIENT_SECRET: 'secret',
        GOOGLE_MOBILE_CLIENT_IDS: 'a, b',
        GOOGLE_ISSUER: 'http://127.0.0.1:8080/realms/hale/',
        APPLE_CLIENT_ID: 'id',
        APPLE_TEAM_ID: 'team',
        APPLE_KEY_ID: 'key',
        APPLE_PRIVATE_KEY: keyOn('P-256').replaceAll('\n', '\\n'),
        PASSKEY_ORIGINS: `https://a.hale.test, android:apk-key-hash:${'Ab_-0'.repeat(8)}xyz`,
        TRUST_PROXY: '2',
        REDIS_URL: 'rediss://cache:6379',
        API_DOCS: 'true',
        DRAIN_DELAY: '5s',
      }),
    ).toEqual([]);
    for (const address of ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:3000'])
      expect(refusal({ ...PRODUCTION, PUBLIC_URL: address })).toEqual([]);
  });

  describe('104: the secret', () => {
    it('104: is required in production, also when a file of development exists', () => {
      writeFileSync(join(directory, 'jwt-secret'), SECRET, { mode: 0o644 });
      for (const JWT_SECRET of [undefined, '', '   '])
        expect(
          refusal({ ...PRODUCTION, DATABASE_URL: `sqlite:${directory}/hale.sqlite`, JWT_SECRET }),
        ).toEqual(['JWT_SECRET must be set in production']);
    });

    const WEAK = [
      'a',
      'secret',
      'x'.repeat(31),
      'k7Qw2mZ9xV4tB1nL8cR5yH3jP6sD0fG',
      'a'.repeat(64),
      'abcabcabcabcabcabcabcabcabcabcabcabc',
      '0'.repeat(32),
      'changeme'.repeat(5),
      'please-change-me-please-change-me-1',
      'CHANGE_ME_CHANGE_ME_CHANGE_ME_123',
      'Change me to something of 32 bytes!',
      'placeholder-placeholder-placeholder',
      'an-example-secret-of-thirty-two-bytes',
      '12121212121212121212121212121212',
    ];
    it.each(WEAK)('104: is refused when it is easy to guess: %s', (weak) => {
      for (const NODE_ENV of ['production', 'test', 'development'])
        expectRefused('JWT_SECRET', weak, { ...PRODUCTION, NODE_ENV });
    });

    it('104: is measured in bytes, not characters', () => {
      expect(refusal({ ...PRODUCTION, JWT_SECRET: 'äöüßéèêëñçåøæœ€ł' })).toEqual([]);
    });

    it('104: is created once outside production, readable only by its owner', () => {
      const source = { DATABASE_URL: `sqlite:${directory}/deep/hale.sqlite` };
      const first = loadConfig(source).secrets[0];
      const file = join(directory, 'deep', 'jwt-secret');
      expect(readFileSync(file, 'utf8')).toBe(first);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(Buffer.byteLength(first)).toBeGreaterThanOrEqual(32);
      expect(loadConfig(source).secrets[0]).toBe(first);
      expect(readdirSync(join(directory, 'deep'))).toEqual(['jwt-secret']);
      expect(loadConfig({ DATABASE_URL: `sqlite:${directory}/other/hale.sqlite` }).secrets[0]).not.toBe(
        first,
      );
    });

    it('104: is stored in the data directory when the database is MySQL', () => {
      process.chdir(directory);
      const made = loadConfig({ DATABASE_URL: 'mysql://root@localhost/hale' }).secrets[0];
      expect(readFileSync(join(directory, 'data', 'jwt-secret'), 'utf8')).toBe(made);
    });

    it('104: is refused when the stored file is readable by others, empty, or weak', () => {
      const source = { DATABASE_URL: `sqlite:${directory}/hale.sqlite` };
      const file = join(directory, 'jwt-secret');
      loadConfig(source);
      chmodSync(file, 0o644);
      expect(refusal(source)).toEqual([expect.stringMatching(/jwt-secret/)]);
      chmodSync(file, 0o600);
      expect(refusal(source)).toEqual([]);
      for (const weak of ['', 'changeme', 'x'.repeat(64)]) {
        writeFileSync(file, weak);
        expect([weak, refusal(source)]).toEqual([weak, [expect.stringMatching(/jwt-secret/)]]);
      }
    });
  });

  describe('104: production', () => {
    it.each(['http://hale.test', 'http://10.0.0.1', 'http://localhost.evil.test', 'http://127.0.0.1.nip.io'])(
      '104: refuses a public URL without TLS: %s',
      (address) => {
        expectRefused('PUBLIC_URL', address, PRODUCTION);
      },
    );

    it('104: refuses a provider URL without TLS', () => {
      for (const name of ['GOOGLE_ISSUER', 'APPLE_ISSUER', 'FACEBOOK_GRAPH_URL', 'GITHUB_URL'])
        expectRefused(name, 'http://provider.hale.test', PRODUCTION);
    });

    const GUESSABLE = [
      'mysql://root@db/hale',
      'mysql://root:@db/hale',
      'mysql://root:root@db/hale',
      'mysql://hale:hale@db/hale',
      'mysql://hale:password@db/hale',
      'mysql://hale:Secret@db/hale',
      'mysql://hale:changeme@db/hale',
      'mysql://hale:change%2Dme@db/hale',
      'mysql://hale:placeholder1@db/hale',
      'mysql://db/hale',
    ];
    it.each(GUESSABLE)('104: refuses a database password that is easy to guess: %s', (address) => {
      expectRefused('DATABASE_URL', address, PRODUCTION);
    });

    it('104: refuses a password that cannot be decoded', () => {
      expectRefused('DATABASE_URL', 'mysql://hale:%zz%ff-Xk29sLq01mZ@db/hale', PRODUCTION);
    });

    it.each(['short', '123456789012345', 'x'])('104: refuses a short METRICS_TOKEN: %s', (token) => {
      expectRefused('METRICS_TOKEN', token, PRODUCTION);
    });

    it('104: reports all mistakes at once, one per line', () => {
      const lines = refusal({
        ...PRODUCTION,
        PORT: 'x',
        TRUST_PROXY: 'true',
        LOG_LEVEL: 'loud',
        JWT_SECRET: 'changeme',
      });
      expect(lines.map((line) => line.split(' ')[0])).toEqual([
        'PORT',
        'TRUST_PROXY',
        'LOG_LEVEL',
        'JWT_SECRET',
      ]);
      expect(lines.join()).not.toMatch(/changeme|loud/);
    });

    it('104: does not serve the documentation by default', () => {
      expect(loadConfig(PRODUCTION).servesDocs).toBe(false);
      expect(loadConfig({ ...PRODUCTION, API_DOCS: 'true' }).servesDocs).toBe(true);
      expect(loadConfig({ ...PRODUCTION, API_DOCS: 'false', NODE_ENV: 'test' }).servesDocs).toBe(false);
    });
  });

  it('104: refuses a provider with only some of its variables', () => {
    for (const name of ['GOOGLE_CLIENT_ID', 'FACEBOOK_CLIENT_SECRET', 'GITHUB_CLIENT_ID'])
      expect(refusal({ ...PRODUCTION, [name]: 'canary-Xk29sLq01mZ' })).toEqual([
        expect.stringMatching(/^[A-Z_]+ must be set with the other variables of its provider$/),
      ]);
    const lines = refusal({ ...PRODUCTION, APPLE_CLIENT_ID: 'id', APPLE_PRIVATE_KEY: keyOn('P-256') });
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['APPLE_TEAM_ID', 'APPLE_KEY_ID']);
  });

  describe('104: wrong values', () => {
    const CANARY = 'canary-Xk29sLq01mZ';
    const WRONG: Record<string, string[]> = {
      NODE_ENV: ['prod', 'Production', 'staging', CANARY],
      PORT: ['-1', '65536', '80.5', '0x50', '1e3', 'http', '٣٠٠٠', CANARY],
      DATABASE_URL: [
        'sqlite:',
        'sqlite::memory:',
        'mysql://db',
        'mysql://db/',
        'postgres://u:canary-Xk29sLq01mZ@db/hale',
        'hale.sqlite',
        'file:hale.sqlite',
        CANARY,
      ],
      DATABASE_POOL_SIZE: ['0', '1001', '-5', CANARY],
      DATABASE_WRITE_WAIT: ['0', '5', '999ms', 'soon', CANARY],
      REDIS_URL: ['localhost:6379', 'http://:canary-Xk29sLq01mZ@redis', 'redis', CANARY],
      PUBLIC_URL: [
        'hale.test',
        'ftp://hale.test',
        'https://hale.test/api',
        'https://u:canary-Xk29sLq01mZ@hale.test',
        'https://hale.test?x=1',
        'https://hale.test#x',
        '//hale.test',
        'javascript:alert(1)',
        CANARY,
      ],
      JWT_ACCEPTED_SECRETS: [
        'too short',
        `${SECRET},changeme-changeme-changeme-changeme`,
        `${SECRET},,`,
        CANARY,
      ],
      CORS_ORIGINS: [
        '*',
        'null',
        'good.com',
        'https://good.com/app',
        'https://good.com,*',
        'https://good.com,,https://b.test',
        'https://*.good.com/x',
        'file://',
        CANARY,
      ],
      TRUST_PROXY: ['true', 'false', 'yes', 'loopback', '127.0.0.1', '11', '-1', '1.5', CANARY],
      RATE_LIMIT_PER_MINUTE: ['0', '-1', '1000001', '100/min', 'unlimited', CANARY],
      AUDIT_REFUSAL_WINDOW: ['0s', '15', '1y', CANARY],
      QUOTA_RECORDS: ['0', '-1', '1000000001', '1e6', 'unlimited', CANARY],
      QUOTA_RECORDS_PER_KIND: ['0', '-1', '1000000001', '1 000', CANARY],
      IMPORT_MAX_SIZE: ['0', '-1', '100001', '1.5', CANARY],
      IMPORTS_AT_ONCE: ['0', '-1', '1001', '1.5', CANARY],
      QUOTA_DEVICES: ['0', '-1', '100001', '1.5', CANARY],
      QUOTA_PENDING_MAILS: ['0', '10001', CANARY],
      QUOTA_SOCKETS: ['0', '4001', '1.5', CANARY],
      QUOTA_SOCKETS_PER_ADDRESS: ['0', '4001', CANARY],
      QUOTA_CONNECTIONS_PER_ADDRESS: ['0', '5001', CANARY],
      ACCESS_TOKEN_TTL: ['0s', '15', '15 m', '1y', '-15m', 'forever', '1.5h', CANARY],
      REFRESH_IDLE_TTL: ['0d', '60', CANARY],
      REFRESH_ABSOLUTE_TTL: ['0d', '180', CANARY],
      REFRESH_REUSE_INTERVAL: ['10', 'x', CANARY],
      SMTP_URL: ['mail.test:25', 'https://mail.test', CANARY],
      MAIL_FROM: [
        '@hale.test',
        'canary@',
        'Hale <canary-Xk29sLq01mZ>',
        'Hale <a@hale.test',
        'a@hale.test, b@hale.test',
        'Hale <a@hale.test> <b@hale.test>',
        'Hale\r\nBcc: b@hale.test <a@hale.test>',
        'a b@hale.test',
        `${'a'.repeat(320)}@hale.test`,
        CANARY,
      ],
      AUTH_REQUIRE_VERIFIED_EMAIL: ['on', 'yes', '1', CANARY],
      PASSWORD_RESET_TTL: ['15', CANARY],
      PASSKEY_ORIGINS: [
        'hale.test',
        'https://hale.test/app',
        'https://hale.test,,https://b.test',
        'android:apk-key-hash:short',
        `ios:bundle-id:${'A'.repeat(43)}`,
        CANARY,
      ],
      APP_LINKS: [
        'http://hale.test/signed-in',
        'hale:/signed-in',
        'javascript:alert(1)',
        'data:text/html,x',
        'https://*.hale.test/signed-in',
        'https://hale.test/signed-in#x',
        'https://canary-Xk29sLq01mZ@hale.test/signed-in',
        'https://hale.test/signed-in,',
        CANARY,
      ],
      ...Object.fromEntries(
        [
          'GOOGLE_ISSUER',
          'APPLE_ISSUER',
          'FACEBOOK_URL',
          'FACEBOOK_LIMITED_URL',
          'FACEBOOK_GRAPH_URL',
          'GITHUB_URL',
          'OPEN_FOOD_FACTS_URL',
        ].map((name) => [
          name,
          [
            'hale.test',
            'ftp://hale.test',
            'https://hale.test?x=canary-Xk29sLq01mZ',
            'https://u:canary-Xk29sLq01mZ@hale.test',
            CANARY,
          ],
        ]),
      ),
      GOOGLE_MOBILE_CLIENT_IDS: [',', 'canary-Xk29sLq01mZ,,b'],
      APPLE_MOBILE_CLIENT_IDS: [',', 'canary-Xk29sLq01mZ,,b'],
      APPLE_PRIVATE_KEY: [keyOn('P-384'), keyOn('P-256').slice(0, 80), CANARY],
      STORAGE_URL: ['./data/files', 'https://bucket.test', CANARY],
      ANSWER_TIMEOUT: ['30', '99ms', '-5s', CANARY],
      ANSWER_MIN_RATE: ['0', '-1', '4k', '1000000001', CANARY],
      ANSWER_MEMORY_PER_USER: ['0', '1', '16MiB', '100001', CANARY],
      ANSWER_MEMORY: ['0', '1', '128MiB', '100001', CANARY],
      DRAIN_DELAY: ['5', '-5s', CANARY],
      MIN_CLIENT_VERSION: ['2.x', 'v2.4.0', '2.4.0-beta', '2..4', '1.2.3.4.5', '٢.٤', CANARY],
      API_DOCS: ['yes', '1', 'TRUE', CANARY],
      LOG_LEVEL: ['verbose', 'INFO', CANARY],
    };
    it.each(Object.entries(WRONG))(
      '104: of %s stop the start with a line that names the variable but not its value',
      (name, values) => {
        for (const value of values) expectRefused(name, value);
      },
    );

    it('104: are tested for every variable that can be wrong', () => {
      const free = new Set([
        'HOST',
        'DATA_DIRECTORY',
        'JWT_SECRET',
        'GOOGLE_CLIENT_ID',
        'GOOGLE_CLIENT_SECRET',
        'APPLE_CLIENT_ID',
        'APPLE_TEAM_ID',
        'APPLE_KEY_ID',
        'FACEBOOK_CLIENT_ID',
        'FACEBOOK_CLIENT_SECRET',
        'GITHUB_CLIENT_ID',
        'GITHUB_CLIENT_SECRET',
        'METRICS_TOKEN',
      ]);
      expect(Object.keys(environment).filter((name) => !free.has(name) && !(name in WRONG))).toEqual([]);
    });

    it('104: has no variable that changes the schema or weakens security', () => {
      expect(
        Object.keys(environment).filter((name) => /SYNC|ADMIN|DEBUG|SKIP|DISABLE|INSECURE/.test(name)),
      ).toEqual([]);
    });
  });

  it('104: is the only code that reads the environment', () => {
    // If one place reads the environment, the tests above cover all of it.
    const files = (directoryOf: string): string[] =>
      readdirSync(directoryOf, { withFileTypes: true }).flatMap((file) =>
        file.isDirectory() ? files(join(directoryOf, file.name)) : [join(directoryOf, file.name)],
      );
    const readers = files('src').filter((file) =>
      /process\.env|loadEnvFile/.test(readFileSync(file, 'utf8')),
    );
    expect(readers).toEqual(['src/config/config.ts']);
  });
});
