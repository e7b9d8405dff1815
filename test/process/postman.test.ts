import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCollection, makeEnvironment, stepCount } from '../../tools/postman/collection.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';

interface Execution {
  readonly item: { readonly name: string };
  readonly request: { readonly url: { toString(): string } };
  readonly response?: { readonly code: number };
}

interface Summary {
  readonly run: {
    readonly stats: Readonly<Record<'requests' | 'assertions', { total: number; failed: number }>>;
    readonly failures: { readonly source?: { name: string }; readonly error: Error }[];
    readonly executions: Execution[];
  };
}

interface Newman {
  run(options: object, done: (error: Error | null, summary: Summary) => void): void;
}

// CommonJS without types.
const newman = createRequire(import.meta.url)('newman') as Newman;

const COLLECTION = 'postman/hale.postman_collection.json';
const ENVIRONMENT = 'postman/hale.postman_environment.json';
const committed = (file: string): any => JSON.parse(readFileSync(file, 'utf8'));
const steps = stepCount(readFileSync('openapi.json', 'utf8'));

/** Runs the collection as a developer who imported both files and changed the base URL. */
function run(url: string): Promise<Summary> {
  const environment = committed(ENVIRONMENT);
  environment.values.find(({ key }: { key: string }) => key === 'base_url').value = url;
  return new Promise((resolve, reject) => {
    newman.run({ collection: committed(COLLECTION), environment, reporters: [] }, (error, summary) =>
      error ? reject(error) : resolve(summary),
    );
  });
}

describe('the Postman collection in the repository', () => {
  it('equals what the generator makes from openapi.json; `npm run postman` writes it', async () => {
    const openapi = readFileSync('openapi.json', 'utf8');
    expect(committed(COLLECTION)).toEqual(JSON.parse(JSON.stringify(await makeCollection(openapi))));
    expect(committed(ENVIRONMENT)).toEqual(JSON.parse(JSON.stringify(makeEnvironment())));
  });

  it('is generated in the same way every time', async () => {
    const openapi = readFileSync('openapi.json', 'utf8');
    expect(JSON.stringify(await makeCollection(openapi))).toBe(JSON.stringify(await makeCollection(openapi)));
  });

  it('contains no secret: tokens are variables without a value', () => {
    const { variable, auth } = committed(COLLECTION);
    const values = Object.fromEntries(variable.map(({ key, value }: any) => [key, value]));
    expect(values).toMatchObject({ access_token: '', refresh_token: '', email: '' });
    expect(auth.bearer).toEqual([{ key: 'token', value: '{{access_token}}', type: 'string' }]);
  });
});

describe.runIf(hasDatabase())('the Postman collection, run by Newman', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ env: { GOOGLE_CLIENT_ID: '', GOOGLE_CLIENT_SECRET: '' } });
  });
  afterAll(() => app.stop());

  it('runs from top to bottom on an empty server, and again on the same server', async () => {
    for (const time of ['first', 'second']) {
      const { failures, stats, executions } = (await run(app.url)).run;
      const said = failures.map(({ source, error }) => `${source?.name}: ${error.message}`);
      expect([time, said]).toEqual([time, []]);
      expect(stats.requests).toMatchObject({ total: steps, failed: 0 });
      expect(stats.assertions).toMatchObject({ total: steps, failed: 0 });
      // Each step declares which refusals it expects.
      expect(executions.every(({ response }) => response !== undefined && response.code < 500)).toBe(true);
      expect(
        executions.map(({ request }) => String(request.url)).filter((url) => /\{\{|:id/.test(url)),
      ).toEqual([]);
    }
  });
});
