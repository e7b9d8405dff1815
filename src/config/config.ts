import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environment, type Environment } from './environment.js';
import type { Variable } from './variables.js';

/** What the service was started with: validated, defaulted, immutable. Durations are in milliseconds. */
export class Config {
  constructor(
    readonly env: Environment,
    /** What signs and seals, and then what did so before, or will on another instance already. */
    readonly secrets: readonly [current: string, ...accepted: string[]],
  ) {}

  get isProduction(): boolean {
    return this.env.NODE_ENV === 'production';
  }

  get servesDocs(): boolean {
    return this.env.API_DOCS ?? !this.isProduction;
  }

  /** The file of the embedded database, or undefined on MySQL. */
  get sqliteFile(): string | undefined {
    return sqliteFile(this.env.DATABASE_URL);
  }

  /** Where files are kept that belong to this process. */
  get dataDirectory(): string {
    return this.env.DATA_DIRECTORY ?? dataDirectory(this.env.DATABASE_URL);
  }

  /** Whether an account is of use only once its address is known to be its owner's. */
  get requiresVerifiedEmail(): boolean {
    return this.env.AUTH_REQUIRE_VERIFIED_EMAIL ?? this.env.SMTP_URL !== undefined;
  }

  /** Where a mailed link leads. What stands behind # reaches no server's log, and no other site. */
  accountLink(page: string, token?: string): string {
    return `${this.env.PUBLIC_URL}/account/${page}${token === undefined ? '' : `#token=${token}`}`;
  }

  /** Who mails are from. */
  get mailFrom(): string {
    return this.env.MAIL_FROM ?? `Hale <no-reply@${new URL(this.env.PUBLIC_URL).hostname}>`;
  }
}

/** A wrong environment: one line a variable, without any value. */
export class ConfigError extends Error {}

/** As {@link loadConfig}, of this process: what `.env` says in its directory counts where the environment says nothing. */
export function processConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return loadConfig(process.env);
}

/**
 * Reads and checks the environment.
 * @throws ConfigError naming each variable that is wrong or insecure, never its value.
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
  return Object.fromEntries(values) as Environment;
}

/** Security property 104: production does not start on values that are only fit for a laptop. */
function insecure(env: Environment): string[] {
  const problems: string[] = [];
  if (env.JWT_SECRET === undefined) problems.push('JWT_SECRET must be set in production');
  for (const name of ['PUBLIC_URL', ...PROVIDER_URLS] as const)
    if (!isPrivateLine(env[name])) problems.push(`${name} must be https in production`);
  if (
    env.DATABASE_URL.startsWith('mysql:') &&
    isGuessable(decodeURIComponent(new URL(env.DATABASE_URL).password))
  )
    problems.push('DATABASE_URL must carry a password that is not empty or a placeholder in production');
  if (env.METRICS_TOKEN !== undefined && env.METRICS_TOKEN.length < 16)
    problems.push('METRICS_TOKEN must be at least 16 characters in production');
  return problems;
}

/** What is said on this line, nobody else hears: it is encrypted, or stays on this machine. */
function isPrivateLine(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

const PROVIDER_URLS = [
  'GOOGLE_ISSUER',
  'APPLE_ISSUER',
  'FACEBOOK_URL',
  'FACEBOOK_LIMITED_URL',
  'FACEBOOK_GRAPH_URL',
  'GITHUB_URL',
] as const;

/** What a provider knows us by: all of a line, or none of it. */
const CREDENTIALS = [
  ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  ['APPLE_CLIENT_ID', 'APPLE_TEAM_ID', 'APPLE_KEY_ID', 'APPLE_PRIVATE_KEY'],
  ['FACEBOOK_CLIENT_ID', 'FACEBOOK_CLIENT_SECRET'],
  ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
] as const;

/** A provider that is set up by half would be missing without a word. */
function incomplete(env: Environment): string[] {
  return CREDENTIALS.flatMap((names) => {
    const missing = names.filter((name) => env[name] === undefined);
    return missing.length === names.length
      ? []
      : missing.map((name) => `${name} must be set with the rest of its provider`);
  });
}

function weakSecret(name: string, secret: string): string[] {
  if (Buffer.byteLength(secret) < 32) return [`${name} must be at least 32 bytes`];
  if (isGuessable(secret) || new Set(secret).size < 8) return [`${name} must be random, not a placeholder`];
  return [];
}

const isGuessable = (secret: string): boolean =>
  secret === '' || /change[-_ ]?me|placeholder|example|^(root|password|secret|hale)$/i.test(secret);

/** Outside production the secret is made once and kept beside the database, readable by its owner only. */
function developmentSecret(databaseUrl: string): string {
  const directory = dataDirectory(databaseUrl);
  const file = join(directory, 'jwt-secret');
  if (!existsSync(file)) {
    mkdirSync(directory, { recursive: true });
    // Written whole, then linked: of two processes starting together both read the same, complete secret.
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
  return keptSecret(file);
}

/** @throws ConfigError when others may have read or changed it. */
function keptSecret(file: string): string {
  const isPrivate = process.platform === 'win32' || (statSync(file).mode & 0o077) === 0;
  if (!isPrivate) throw new ConfigError(`${file} must be readable by its owner only`);
  const secret = readFileSync(file, 'utf8');
  const [weakness] = weakSecret('JWT_SECRET', secret);
  if (weakness !== undefined) throw new ConfigError(`${weakness}; it is kept in ${file}`);
  return secret;
}

function sqliteFile(databaseUrl: string): string | undefined {
  return databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined;
}

/** Beside the embedded database, if that is what is used. */
const dataDirectory = (databaseUrl: string): string => dirname(sqliteFile(databaseUrl) ?? './data/hale');
