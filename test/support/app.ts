import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { applicationOptions, setUp } from '../../src/app.setup.js';
import { loadConfig } from '../../src/config/config.js';
import { createAdapter } from '../../src/kernel/http/fastify.js';
import { OutboxWorker } from '../../src/kernel/events/outbox-worker.js';
import { LoginPolicy } from '../../src/modules/identity/auth/login-limits.js';
import { MailPolicy } from '../../src/modules/identity/auth/mail-limits.js';
import { Passwords } from '../../src/modules/identity/auth/passwords.js';
import { FactorPolicy } from '../../src/modules/identity/factors/factor-limits.js';
import { Database } from '../../src/platform/database/database.js';
import { Api } from './api.js';
import { createDatabase, type TestDatabase } from './database.js';

export const SECRET = 'only-for-tests-Zk3vQ9xW2mB7rT4yU8iP1sL6';

interface AppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Replaces providers. It is the only way in which a test changes the inside of the application. */
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Whether passwords are hashed at the real cost: for tests about passwords or their timing. False by default. */
  readonly hashesSlowly?: boolean;
  /** Whether the outbox delivers by itself. False by default: the test then calls `outbox.drain()`. */
  readonly delivers?: boolean;
  /** A database that remains when the application stops. By default the application gets its own. */
  readonly database?: TestDatabase;
}

/** The application, listening on a free port. */
export class TestApp {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    /** The directory for its files. */
    readonly files: string,
    readonly database: TestDatabase,
    private readonly ownsDatabase: boolean,
  ) {}

  static async start({
    env = {},
    override = (builder) => builder,
    hashesSlowly = false,
    delivers = false,
    database,
  }: AppOptions = {}): Promise<TestApp> {
    const target = database ?? (await createDatabase());
    const files = mkdtempSync(join(tmpdir(), 'hale-test-'));
    const config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: target.url,
      DATA_DIRECTORY: files,
      JWT_SECRET: SECRET,
      RATE_LIMIT_PER_MINUTE: '1000000',
      // A burst of writes must not fail because the machine is busy.
      DATABASE_WRITE_WAIT: '10m',
      LOG_LEVEL: 'silent',
      ...unreachableGoogle,
      ...env,
    });
    const builder = Test.createTestingModule({ imports: [AppModule.with(config)] })
      .overrideProvider(LoginPolicy)
      .useValue(generousPolicy)
      .overrideProvider(FactorPolicy)
      .useValue({ failures: many } satisfies FactorPolicy)
      .overrideProvider(MailPolicy)
      .useValue({ mailbox: many, address: many, person: many, device: many } satisfies MailPolicy);
    if (!hashesSlowly) builder.overrideProvider(Passwords).useClass(SwiftPasswords);
    if (!delivers) builder.overrideProvider(OutboxWorker).useClass(IdleOutboxWorker);
    const module = await override(builder).compile();
    const app = module.createNestApplication<NestFastifyApplication>(
      createAdapter(config),
      applicationOptions,
    );
    await setUp(app);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as { port: number };
    return new TestApp(app, `http://127.0.0.1:${port}`, files, target, database === undefined);
  }

  /** A client of this application without a signed-in account. */
  get api(): Api {
    return new Api(this.url);
  }

  get db(): Database {
    return this.app.get(Database);
  }

  async stop(): Promise<void> {
    await this.app.close();
    rmSync(this.files, { recursive: true, force: true });
    if (this.ownsDatabase) await this.database.drop();
  }
}

/** Delivers only when a test calls `drain()`, so that no delivery interferes while a test reads the database. */
class IdleOutboxWorker extends OutboxWorker {
  override start(): void {}
  override wake(): void {}
}

/** A provider that is configured but not reachable. Tests about sign-in with a provider start their own. */
const unreachableGoogle = {
  GOOGLE_CLIENT_ID: 'hale-tests',
  GOOGLE_CLIENT_SECRET: 'hale-tests-secret',
  GOOGLE_ISSUER: 'http://127.0.0.1:9',
  APP_LINKS: 'https://hale.example.org/signed-in',
};

/** Hashes passwords at a low cost. At the real cost, hashing would take a third of the time of all tests. */
class SwiftPasswords extends Passwords {
  protected override readonly cost = { memoryCost: 1_024, timeCost: 2, parallelism: 1 };
}

/** Limits that are never reached. Tests about limits set their own. */
const many = { most: 1_000_000, windowMs: 60_000 };
export const generousPolicy: LoginPolicy = { failures: many, account: many, address: many };
