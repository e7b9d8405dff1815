import { TestApp } from './app.js';
import { createDatabase, type TestDatabase } from './database.js';

type Options = NonNullable<Parameters<typeof TestApp.start>[0]>;

/** Applications on one database, one for each environment that the tests of a file need: most tests take less than a start. */
export class SharedApps {
  private readonly apps = new Map<string, TestApp>();
  private database: TestDatabase | undefined;

  /** @param common gives what all of them have in common, apart from the database. */
  constructor(private readonly common: () => Options) {}

  /**
   * The application with this environment. It is started when it is asked for the first time.
   * @param name tells applications with the same environment apart.
   * @param own replaces what all have in common.
   */
  async start(env: Readonly<Record<string, string>>, name = '', own: Options = {}): Promise<TestApp> {
    this.database ??= await createDatabase();
    const key = JSON.stringify([name, env]);
    const common = this.common();
    const app =
      this.apps.get(key) ??
      (await TestApp.start({
        ...common,
        ...own,
        env: { ...common.env, ...env },
        database: this.database,
      }));
    this.apps.set(key, app);
    return app;
  }

  async stop(): Promise<void> {
    for (const app of this.apps.values()) await app.stop();
    await this.database?.drop();
  }
}
