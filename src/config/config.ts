import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environment, type Environment } from './environment.js';
import type { Variable } from './variables.js';

/** The validated configuration of the service, with defaults. It does not change. Durations are in milliseconds. */
export class Config {
  constructor(
    readonly env: Environment,
    /** The current secret signs and seals. The others are accepted while one secret replaces another on all instances. */
    readonly secrets: readonly [current: string, ...accepted: string[]],
  ) {}

  get isProduction(): boolean {
    return this.env.NODE_ENV === 'production';
  }

  get servesDocs(): boolean {
    return this.env.API_DOCS ?? !this.isProduction;
  }

  /**
   * Whether pages of this origin may call the API. In development these are also the pages that this machine serves on
   * other ports.
   */
  allowsOrigin(origin: string): boolean {
    const { CORS_ORIGINS, PUBLIC_URL } = this.env;
    if (origin === PUBLIC_URL || CORS_ORIGINS.includes(origin)) return true;
    if (this.env.NODE_ENV !== 'development' || !URL.canParse(origin)) return false;
    const { protocol, hostname } = new URL(origin);
    return protocol.startsWith('http') && [...LOOPBACK, new URL(PUBLIC_URL).hostname].includes(hostname);
  }

  /** The file of the embedded database, or undefined on MySQL. */
  get sqliteFile(): string | undefined {
    return sqliteFile(this.env.DATABASE_URL);
  }

  /** The directory for the files of this process. */
  get dataDirectory(): string {
    return this.env.DATA_DIRECTORY ?? dataDirectory(this.env.DATABASE_URL);
  }

  /** Largest file that a person may import. */
  get maxImportBytes(): number {
    return this.env.IMPORT_MAX_SIZE * 1_048_576;
  }

  /** Whether people must verify their e-mail address before they can use their account. */
  get requiresVerifiedEmail(): boolean {
    return this.env.AUTH_REQUIRE_VERIFIED_EMAIL ?? this.env.SMTP_URL !== undefined;
  }

  /** A link for a mail. The token stands after #, so that it appears in no server log and is sent to no other site. */
  accountLink(page: string, token?: string): string {
    return `${this.env.PUBLIC_URL}/account/${page}${token === undefined ? '' : `#token=${token}`}`;
  }

  /** The sender of mails. */
  get mailFrom(): string {
    return this.env.MAIL_FROM ?? `Hale <no-reply@${new URL(this.env.PUBLIC_URL).hostname}>`;
  }
}

/** The environment is not valid. The message has one line for each variable, and never a value. */
export class ConfigError extends Error {}

/** Loads the configuration of this process. `.env` in the working directory supplies variables that are not set. */
export function processConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return loadConfig(process.env);
}

/**
 * Reads and checks the environment.
 * @throws ConfigError that names each variable that is wrong or insecure, but never its value.
 */
export function loadConfig(source: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const env = readAll(source, problems);
  if (problems.length === 0) problems.push(...incomplete(env));
  if (problems.length === 0 && env.NODE_ENV === 'production') problems.push(...insecure(env));
  if (env.JWT_SECRET !== undefined) problems.push(...weakSecret('JWT_SECRET', env.JWT_SECRET));
  for (const secret of env.JWT_ACCEPTED_SECRETS) problems.push(...weakSecret('JWT_ACCEPTED_SECRETS', secret));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return new Config(env, [
    env.JWT_SECRET ?? developmentSecret(env.DATABASE_URL),
    ...env.JWT_ACCEPTED_SECRETS,
  ]);
}

function readAll(source: Readonly<Record<string, string | undefined>>, problems: string[]): Environment {
  const values = Object.entries<Variable<unknown>>(environment).map(([name, variable]) => {
    const raw = source[name]?.trim();
    if (!raw) return [name, variable.fallback];
    try {
      return [name, variable.read(raw)];
    } catch (error) {
      problems.push(`${name} must be ${(error as Error).message}`);
      return [name, variable.fallback];
    }
  });
  const env = Object.fromEntries(values) as Environment;
  return source['PUBLIC_URL']?.trim() ? env : { ...env, PUBLIC_URL: localAddress(env) };
}

/** Where people reach a service that only serves this machine: mailed links lead there. */
const localAddress = ({ PORT, PUBLIC_URL }: Environment): string =>
  // With port 0 the port is not known before the service listens.
  PORT === 0 ? PUBLIC_URL : `http://localhost:${PORT}`;

/** Security property 104: production does not start with values that are only safe on a developer's machine. */
function insecure(env: Environment): string[] {
  const problems: string[] = [];
  if (env.JWT_SECRET === undefined) problems.push('JWT_SECRET must be set in production');
  for (const name of ['PUBLIC_URL', ...PROVIDER_URLS] as const)
    if (!isPrivateLine(env[name])) problems.push(`${name} must be https in production`);
  if (env.OPEN_FOOD_FACTS_URL !== undefined && !isPrivateLine(env.OPEN_FOOD_FACTS_URL))
    problems.push('OPEN_FOOD_FACTS_URL must be https in production');
  if (
    env.DATABASE_URL.startsWith('mysql:') &&
    isGuessable(decodeURIComponent(new URL(env.DATABASE_URL).password))
  )
    problems.push('DATABASE_URL must carry a password that is not empty or a placeholder in production');
  // The service itself never speaks TLS. Unless it trusts the proxy that does, all people would share one address and its limits.
  if (env.PUBLIC_URL.startsWith('https:') && env.TRUST_PROXY === 0)
    problems.push('TRUST_PROXY must be at least 1 with an https PUBLIC_URL in production');
  if (env.METRICS_TOKEN !== undefined && env.METRICS_TOKEN.length < 16)
    problems.push('METRICS_TOKEN must be at least 16 characters in production');
  return problems;
}

/** Whether nobody else can read the traffic to this address: it is encrypted, or stays on this machine. */
function isPrivateLine(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || LOOPBACK.includes(hostname);
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

const PROVIDER_URLS = [
  'GOOGLE_ISSUER',
  'APPLE_ISSUER',
  'FACEBOOK_URL',
  'FACEBOOK_LIMITED_URL',
  'FACEBOOK_GRAPH_URL',
  'GITHUB_URL',
] as const;

/** The credentials of each provider. Either all of a line are set, or none. */
const CREDENTIALS = [
  ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  ['APPLE_CLIENT_ID', 'APPLE_TEAM_ID', 'APPLE_KEY_ID', 'APPLE_PRIVATE_KEY'],
  ['FACEBOOK_CLIENT_ID', 'FACEBOOK_CLIENT_SECRET'],
  ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
] as const;

/** Reports providers with only some of their variables: without this check they would be missing without any message. */
function incomplete(env: Environment): string[] {
  return CREDENTIALS.flatMap((names) => {
    const missing = names.filter((name) => env[name] === undefined);
    return missing.length === names.length
      ? []
      : missing.map((name) => `${name} must be set with the other variables of its provider`);
  });
}

function weakSecret(name: string, secret: string): string[] {
  if (Buffer.byteLength(secret) < 32) return [`${name} must be at least 32 bytes`];
  if (isGuessable(secret) || new Set(secret).size < 8) return [`${name} must be random, not a placeholder`];
  return [];
}

const isGuessable = (secret: string): boolean =>
  secret === '' || /change[-_ ]?me|placeholder|example|^(root|password|secret|hale)$/i.test(secret);

/** Outside production, creates a secret once and stores it in the data directory, readable only by its owner. */
function developmentSecret(databaseUrl: string): string {
  const directory = dataDirectory(databaseUrl);
  const file = join(directory, 'jwt-secret');
  if (!existsSync(file)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // Write a draft and link it: two processes that start together then read the same, complete secret.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, randomBytes(48).toString('base64url'), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      unlinkSync(draft);
    }
  }
  return readSecret(file);
}

/** Reads the stored secret. @throws ConfigError when others can read the file, or the secret is weak. */
function readSecret(file: string): string {
  const isPrivate = process.platform === 'win32' || (statSync(file).mode & 0o077) === 0;
  if (!isPrivate) throw new ConfigError(`${file} must be readable by its owner only`);
  const secret = readFileSync(file, 'utf8');
  const [weakness] = weakSecret('JWT_SECRET', secret);
  if (weakness !== undefined) throw new ConfigError(`${weakness}; it is stored in ${file}`);
  return secret;
}

function sqliteFile(databaseUrl: string): string | undefined {
  return databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined;
}

/** The directory of the embedded database; `./data` on MySQL. */
const dataDirectory = (databaseUrl: string): string => dirname(sqliteFile(databaseUrl) ?? './data/hale');
