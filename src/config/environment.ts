import {
  database,
  duration,
  flag,
  integer,
  mailbox,
  oneOf,
  optionalText,
  origin,
  origins,
  text,
  url,
  version,
  type Variable,
} from './variables.js';

/** Every variable the service reads. Nothing outside `config/` reads the environment. */
export const environment = {
  NODE_ENV: oneOf('Mode; production refuses insecure values.', 'development', [
    'development',
    'test',
    'production',
  ]),
  PORT: integer('Port to listen on; 0 takes any free one.', 3000, 0, 65_535),
  HOST: text('Address to listen on; 0.0.0.0 in a container.', '127.0.0.1'),
  DATABASE_URL: database(
    'sqlite:<file> or mysql://user:password@host:port/database (MySQL, MariaDB, TiDB).',
    'sqlite:./data/hale.sqlite',
  ),
  DATABASE_POOL_SIZE: integer('Connections to MySQL kept open at most.', 10, 1, 1_000),
  DATA_DIRECTORY: optionalText(
    'Where this process keeps files, such as mail without SMTP_URL; beside the embedded database, or ./data.',
  ),
  REDIS_URL: url('Shared rate limits for several instances; without it limits are per process.', [
    'redis:',
    'rediss:',
  ]),
  PUBLIC_URL: origin('Where clients reach the service; issuer of its tokens.', 'http://localhost:3000'),
  JWT_SECRET: optionalText(
    'Secret of at least 32 bytes that signs tokens. Needed in production; otherwise made once and kept beside the database.',
  ),
  CORS_ORIGINS: origins('Comma list of browser origins that may call the API.'),
  TRUST_PROXY: integer('Number of reverse proxies in front whose X-Forwarded-For is believed.', 0, 0, 10),
  RATE_LIMIT_PER_MINUTE: integer(
    'Requests a user (or an anonymous address) may make per minute.',
    100,
    1,
    1_000_000,
  ),
  ACCESS_TOKEN_TTL: duration('How long an access token is valid.', '15m', 1_000),
  REFRESH_IDLE_TTL: duration('A session ends when it was not refreshed for this long.', '60d', 1_000),
  REFRESH_ABSOLUTE_TTL: duration('A session ends this long after sign-in, used or not.', '180d', 1_000),
  REFRESH_REUSE_INTERVAL: duration(
    'A refresh token may be presented again for this long after it was used.',
    '10s',
    0,
  ),
  SMTP_URL: url('Mail server; without it mails are written to files in `mail` beside the database.', [
    'smtp:',
    'smtps:',
  ]),
  MAIL_FROM: mailbox(
    'Sender of mails, such as Hale <hale@example.org>; no-reply at the host of PUBLIC_URL, unless set.',
  ),
  AUTH_REQUIRE_VERIFIED_EMAIL: flag(
    'Whether an account is of use only once its owner has followed a mailed link; true with SMTP_URL unless set.',
    undefined,
  ),
  PASSWORD_RESET_TTL: duration('How long a mailed link to set a new password works.', '15m', 1_000),
  GOOGLE_CLIENT_ID: optionalText('Not used yet.'),
  GOOGLE_CLIENT_SECRET: optionalText('Not used yet.'),
  STORAGE_URL: url('Where files are kept. Checked, but not used yet.', ['file:', 's3:']),
  DRAIN_DELAY: duration('Wait between "not ready" and closing the port on shutdown.', '0s', 0),
  MIN_CLIENT_VERSION: version(
    'Oldest version of the app that may still send, such as 2.4.0; any, unless set.',
  ),
  API_DOCS: flag('Serve /docs and /openapi.json; off in production unless set.', undefined),
  METRICS_TOKEN: optionalText('Bearer token for /metrics; without it there is no /metrics.'),
  LOG_LEVEL: oneOf('Least severe log line written.', 'info', [
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'fatal',
    'silent',
  ]),
} satisfies Record<string, Variable<unknown>>;

export type Environment = {
  readonly [Name in keyof typeof environment]: (typeof environment)[Name] extends Variable<infer T>
    ? T
    : never;
};
