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
  optionalBaseUrl,
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

/** Every environment variable of the service. No code outside `config/` reads the environment. */
export const environment = {
  NODE_ENV: oneOf('Mode of the service. In production it refuses insecure values.', 'development', [
    'development',
    'test',
    'production',
  ]),
  PORT: integer('Port to listen on. 0 takes any free port.', 3000, 0, 65_535),
  HOST: text('Address to listen on. Use 0.0.0.0 in a container.', '127.0.0.1'),
  DATABASE_URL: database(
    'sqlite:<file> or mysql://user:password@host:port/database (MySQL, MariaDB, TiDB).',
    'sqlite:./data/hale.sqlite',
  ),
  DATABASE_POOL_SIZE: integer('Maximum number of open connections to MySQL.', 10, 1, 1_000),
  DATABASE_WRITE_WAIT: duration(
    'How long a write waits for its turn or for a lock before it is answered 503 "busy".',
    '5s',
    1_000,
  ),
  DATA_DIRECTORY: optionalText(
    'Directory for the files of this process, such as mails without SMTP_URL. Default: the directory of the embedded database, or ./data.',
  ),
  REDIS_URL: url(
    'Redis for rate limits that several instances share. Without it, limits count per process.',
    ['redis:', 'rediss:'],
  ),
  PUBLIC_URL: origin(
    'Address at which clients reach the service. It is also the issuer of its tokens. Default: localhost with PORT.',
    'http://localhost:3000',
  ),
  JWT_SECRET: optionalText(
    'Secret of at least 32 bytes that signs tokens. Required in production. Otherwise it is created once and stored beside the database.',
  ),
  JWT_ACCEPTED_SECRETS: list(
    'Comma-separated list of other secrets that are accepted for tokens and encrypted values while you replace JWT_SECRET.',
  ),
  CORS_ORIGINS: origins(
    'Comma-separated list of browser origins that may call the API. In development, pages on other ports of this machine may, too.',
  ),
  TRUST_PROXY: integer(
    'Number of reverse proxies in front of the service whose X-Forwarded-For is trusted. Production needs at least 1 with an https PUBLIC_URL.',
    0,
    0,
    10,
  ),
  RATE_LIMIT_PER_MINUTE: integer(
    'Requests per minute that a user (or an anonymous IPv4 address or IPv6 /64) may send.',
    100,
    1,
    1_000_000,
  ),
  QUOTA_RECORDS: integer(
    'Records that one person may store, of all kinds together. Deleted ones may be as many again until they are purged.',
    1_000_000,
    1,
    1_000_000_000,
  ),
  QUOTA_RECORDS_PER_KIND: integer(
    'Records of one kind that one person may store. Deleted ones may be as many again until they are purged.',
    500_000,
    1,
    1_000_000_000,
  ),
  QUOTA_DEVICES: integer(
    'Devices with which one person may sync. A known device is never refused.',
    100,
    1,
    100_000,
  ),
  IMPORT_MAX_SIZE: integer(
    'Largest file that a person may import, in MiB. A larger upload is refused before it is read.',
    1_536,
    1,
    100_000,
  ),
  IMPORTS_AT_ONCE: integer(
    'Imports of all people that may be uploaded, wait or run at the same time. Each of them keeps one file in the data directory.',
    20,
    1,
    1_000,
  ),
  QUOTA_PENDING_MAILS: integer(
    'Mails about one account that may wait for the mail server before no further links are mailed. Notices are always mailed.',
    50,
    1,
    10_000,
  ),
  QUOTA_SOCKETS: integer('Open WebSocket connections of one person on one instance.', 10, 1, 4_000),
  QUOTA_SOCKETS_PER_ADDRESS: integer(
    'Open WebSocket connections of one client address (of IPv6, one /64) on one instance.',
    500,
    1,
    4_000,
  ),
  QUOTA_CONNECTIONS_PER_ADDRESS: integer(
    'Open connections of one client address (of IPv6, one /64) to one instance. It does not apply behind proxies (TRUST_PROXY), which must limit their clients.',
    1_000,
    1,
    5_000,
  ),
  AUDIT_REFUSAL_WINDOW: duration(
    'Refused calls of one person with one action are counted for this long, and not each written into the audit log.',
    '15m',
    1_000,
  ),
  ANSWER_TIMEOUT: duration(
    'A connection is closed when its client takes nothing of an answer for this long.',
    '30s',
    100,
  ),
  ANSWER_MIN_RATE: integer(
    'Slowest rate at which a client may take an answer, in bytes per second on average. A slower connection is closed.',
    4_096,
    1,
    1_000_000_000,
  ),
  ANSWER_MEMORY_PER_USER: integer(
    'Memory, in MiB, for answers that one user (or an anonymous IP address) has not read yet. Further lists and pushes are refused.',
    16,
    2,
    100_000,
  ),
  ANSWER_MEMORY: integer(
    'Memory, in MiB, for answers that all clients together have not read yet. Beyond it, the slowest readers lose connections.',
    128,
    2,
    100_000,
  ),
  ACCESS_TOKEN_TTL: duration('How long an access token is valid.', '15m', 1_000),
  REFRESH_IDLE_TTL: duration('A session ends when it was not refreshed for this long.', '60d', 1_000),
  REFRESH_ABSOLUTE_TTL: duration('A session ends this long after sign-in, used or not.', '180d', 1_000),
  REFRESH_REUSE_INTERVAL: duration(
    'A refresh token may be sent again for this long after its first use.',
    '10s',
    0,
  ),
  SMTP_URL: url('Mail server. Without it, mails are written to files in `mail` in the data directory.', [
    'smtp:',
    'smtps:',
  ]),
  MAIL_FROM: mailbox(
    'Sender of mails, such as Hale <hale@example.org>. Default: no-reply at the host of PUBLIC_URL.',
  ),
  AUTH_REQUIRE_VERIFIED_EMAIL: flag(
    'Whether people must open a mailed link before they can use their account. Default: true with SMTP_URL, else false.',
    undefined,
  ),
  PASSWORD_RESET_TTL: duration('How long a mailed link to set a new password works.', '15m', 1_000),
  PASSKEY_ORIGINS: passkeyOrigins(
    'Comma-separated list of origins that may use passkeys besides PUBLIC_URL: sites of the same domain, and Android apps as android:apk-key-hash:<base64url>.',
  ),
  APP_LINKS: appLinks(
    'Comma-separated list of app links to which a sign-in in the browser may return, such as https://hale.example.org/signed-in.',
  ),
  GOOGLE_CLIENT_ID: optionalText(
    'Client id of the web client at Google. With its secret, people can sign in with Google.',
  ),
  GOOGLE_CLIENT_SECRET: optionalText('Client secret of the web client at Google.'),
  GOOGLE_MOBILE_CLIENT_IDS: list(
    'Comma-separated list of the client ids of the apps, whose id_tokens are also accepted.',
  ),
  GOOGLE_ISSUER: baseUrl('Issuer of the id_tokens of Google.', 'https://accounts.google.com'),
  APPLE_CLIENT_ID: optionalText(
    'Services ID at Apple. With team, key id and key, people can sign in with Apple.',
  ),
  APPLE_TEAM_ID: optionalText('Team id at Apple.'),
  APPLE_KEY_ID: optionalText('Id of APPLE_PRIVATE_KEY.'),
  APPLE_PRIVATE_KEY: signingKey(
    'Private key for Sign in with Apple, in PEM. \\n may stand for a line break.',
  ),
  APPLE_MOBILE_CLIENT_IDS: list(
    'Comma-separated list of the bundle ids of the apps, whose id_tokens are also accepted.',
  ),
  APPLE_ISSUER: baseUrl('Issuer of the id_tokens of Apple.', 'https://appleid.apple.com'),
  FACEBOOK_CLIENT_ID: optionalText('App id at Facebook. With its secret, people can sign in with Facebook.'),
  FACEBOOK_CLIENT_SECRET: optionalText('App secret at Facebook.'),
  FACEBOOK_URL: baseUrl('Address at which people sign in to Facebook.', 'https://www.facebook.com'),
  FACEBOOK_LIMITED_URL: baseUrl(
    'Issuer of the id_tokens of Facebook Limited Login.',
    'https://limited.facebook.com',
  ),
  FACEBOOK_GRAPH_URL: baseUrl(
    'Address of the Facebook Graph API, which returns the profile of a person.',
    'https://graph.facebook.com',
  ),
  GITHUB_CLIENT_ID: optionalText(
    'Client id of the OAuth app at GitHub. With its secret, people can sign in with GitHub.',
  ),
  GITHUB_CLIENT_SECRET: optionalText('Client secret of the OAuth app at GitHub.'),
  GITHUB_URL: baseUrl('Address of GitHub, or of a GitHub Enterprise Server.', 'https://github.com'),
  OPEN_FOOD_FACTS_URL: optionalBaseUrl(
    'Address of Open Food Facts, such as https://world.openfoodfacts.org: barcodes that are not known here are looked up there. Without it, none leaves the service.',
  ),
  STORAGE_URL: url('Storage of files. It is checked, but not used yet.', ['file:', 's3:']),
  DRAIN_DELAY: duration('On shutdown: the time between "not ready" and closing the port.', '0s', 0),
  MIN_CLIENT_VERSION: version(
    'Oldest version of the app that may still send changes, such as 2.4.0. Default: any version.',
  ),
  API_DOCS: flag(
    'Whether to serve /docs and /openapi.json. Default: false in production, else true.',
    undefined,
  ),
  METRICS_TOKEN: optionalText('Bearer token for /metrics. Without it, /metrics does not exist.'),
  LOG_LEVEL: oneOf('Lowest level of log lines that are written.', 'info', [
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
