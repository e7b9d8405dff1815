import {
  appLinks,
  baseUrl,
  database,
  duration,
  flag,
  integer,
  list,
  mailbox,
  oneOf,
  optionalText,
  origin,
  origins,
  passkeyOrigins,
  signingKey,
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
  JWT_ACCEPTED_SECRETS: list(
    'Comma list of other secrets whose tokens are accepted and whose seals are opened, while one takes the place of another.',
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
  PASSKEY_ORIGINS: passkeyOrigins(
    'Comma list of what may use passkeys besides PUBLIC_URL: sites of the same domain, and Android apps as android:apk-key-hash:<base64url>.',
  ),
  APP_LINKS: appLinks(
    'Comma list of links of the app that a sign-in in the browser may end at, such as https://hale.example.org/signed-in.',
  ),
  GOOGLE_CLIENT_ID: optionalText('The web client at Google; with its secret, people sign in with Google.'),
  GOOGLE_CLIENT_SECRET: optionalText('Its secret.'),
  GOOGLE_MOBILE_CLIENT_IDS: list('Comma list of the clients of the apps, whose id_tokens are taken as well.'),
  GOOGLE_ISSUER: baseUrl('Who issues the id_tokens of Google.', 'https://accounts.google.com'),
  APPLE_CLIENT_ID: optionalText(
    'The Services ID at Apple; with team, key id and key, people sign in with Apple.',
  ),
  APPLE_TEAM_ID: optionalText('The team at Apple.'),
  APPLE_KEY_ID: optionalText('The id of the key below.'),
  APPLE_PRIVATE_KEY: signingKey('The key for Sign in with Apple, in PEM; \\n may stand for a line break.'),
  APPLE_MOBILE_CLIENT_IDS: list(
    'Comma list of the bundle ids of the apps, whose id_tokens are taken as well.',
  ),
  APPLE_ISSUER: baseUrl('Who issues the id_tokens of Apple.', 'https://appleid.apple.com'),
  FACEBOOK_CLIENT_ID: optionalText('The app at Facebook; with its secret, people sign in with Facebook.'),
  FACEBOOK_CLIENT_SECRET: optionalText('Its secret.'),
  FACEBOOK_URL: baseUrl('Where people sign in to Facebook.', 'https://www.facebook.com'),
  FACEBOOK_LIMITED_URL: baseUrl(
    'Who issues the id_tokens of its Limited Login.',
    'https://limited.facebook.com',
  ),
  FACEBOOK_GRAPH_URL: baseUrl('Where Facebook says who somebody is.', 'https://graph.facebook.com'),
  GITHUB_CLIENT_ID: optionalText('The OAuth app at GitHub; with its secret, people sign in with GitHub.'),
  GITHUB_CLIENT_SECRET: optionalText('Its secret.'),
  GITHUB_URL: baseUrl('GitHub, or the GitHub Enterprise Server to sign in with.', 'https://github.com'),
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
