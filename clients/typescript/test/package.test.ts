import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf, findBrowser, launch } from '../../../test/support/browser.js';

/*
 * The package as others get it: packed, and installed without a network into a project that knows nothing of this repository.
 */

const run = promisify(execFile);
const PACKAGE = resolve('clients/typescript');
/** What the package needs, and what a project with React adds; all of it is installed here already. */
const OTHERS = [
  'idb',
  'openapi-fetch',
  'openapi-typescript-helpers',
  'react',
  'react-dom',
  'scheduler',
  'uuid',
];
const OPTIONAL = 'ws';
const { VITEST: _, NODE_OPTIONS: __, NODE_ENV: ___, ...env } = process.env;

interface Packed {
  readonly filename: string;
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Records of a device without a connection, before anybody signs in. */
const USE = `
  const storage = new MemoryStorage();
  const hale = await createClient({
    url: 'http://127.0.0.1:9',
    storage,
    kinds: [weight],
  });
  const weights = hale.records('weight');
  const id = await weights.create({ weight_value: 80, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' });
  await weights.update(id, { weight_value: 81 });
  const wrong = await weights.update(id, { weight_value: 900 }).catch((error) => error);
  const [{ fields }] = await weights.list({ order: 'desc' });
  const file = await FileStorage.open(process.argv[2]);
  await file.close();
  console.log(JSON.stringify([fields.weight_value, wrong instanceof HaleError, wrong.code]));
  await hale.close();`;

const TYPED = `
  export async function use(): Promise<number | undefined> {
    const hale = await createClient({ url: 'x', storage: new MemoryStorage(), kinds: [weight, meal] });
    await hale.records('meal').update('id', { title: 'Soup' });
    // @ts-expect-error A title is no number.
    await hale.records('meal').update('id', { title: 5 });
    // @ts-expect-error There is no such kind.
    hale.records('steps');
    // @ts-expect-error The client was made without it.
    hale.records('food');
    // @ts-expect-error The name of a kind is no definition.
    void createClient({ url: 'x', storage: new MemoryStorage(), kinds: ['weight'] });
    // @ts-expect-error An old name of a choice.
    await hale.conflicts.resolve('id', 'use_mine');
    await hale.conflicts.resolve('id', 'use_other');
    const { data } = await hale.api.GET('/api/health-metrics/weight');
    const status: Status = hale.status.value;
    const [item] = await hale.records('weight').list({ from: new Date(), by: 'timestamp' });
    await FileStorage.open('x');
    return status.upToDate ? data?.data[0]?.weight_value : item?.fields.weight_value;
  }
  export function useIt() {
    const { data, isLoading } = useRecords('weight', { order: 'desc', limit: 1 });
    const value: number | undefined = data?.[0]?.fields.weight_value;
    return [value, isLoading, useStatus().realtime, useConflicts().data?.[0]?.mine, HaleProvider] as const;
  }`;

const APP = `
  import { createElement as h } from 'react';
  import { createClient, MemoryStorage } from '@hale/client';
  import { weight } from '@hale/client/kinds';
  import { HaleProvider, useConflicts, useHale, useRecords, useStatus } from '@hale/client/react';

  const fields = (value) => ({ weight_value: value, unit: 'kg', timestamp: \`2026-01-\${value}T07:00:00Z\` });

  function List() {
    const hale = useHale();
    const { data, isLoading } = useRecords('weight', { order: 'desc', from: '2026-01-11T00:00:00Z' });
    const { pendingCount, upToDate } = useStatus();
    const { data: conflicts } = useConflicts();
    const add = (value) => () => hale.records('weight').create(fields(value));
    const text = isLoading ? 'loading' : data.map(({ fields }) => fields.weight_value).join(' ');
    return h('main', null,
      h('p', { id: 'list' }, text),
      h('p', { id: 'status' }, [pendingCount, upToDate, conflicts?.length].join(' ')),
      [10, 12, 14].map((value) => h('button', { key: value, onClick: add(value) }, value)));
  }

  export const open = () =>
    createClient({ url: 'http://127.0.0.1:9', storage: new MemoryStorage(), kinds: [weight] });
  export const app = (client) => h(HaleProvider, { client }, h(List));`;

/** What the examples of a guide take from the app. */
const FROM_APP = `
  import type { Storage } from '@hale/client';
  declare const url: string;
  declare const storage: Storage;
  declare const show: (shown: unknown) => void;`;

/** The examples in TypeScript of a guide, as one module. */
async function examplesOf(guide: string, wanted = /./): Promise<string> {
  const blocks = [...(await readFile(resolve(guide), 'utf8')).matchAll(/```ts\n(.*?)```/gs)];
  const examples = blocks.map(([, code = '']) => code).filter((code) => wanted.test(code));
  expect(examples).not.toEqual([]);
  return [FROM_APP, ...examples].join('\n');
}

describe('the package, in a project of somebody else', () => {
  let outside: string;
  let client: Packed;
  let optional: Packed;

  const at = (name: string): string => join(outside, name);
  const npm = (...options: string[]) =>
    run('npm', options, { cwd: outside, env, maxBuffer: 64 * 1_024 ** 2 });
  /** With an empty cache, so that nothing comes from elsewhere. */
  const install = (...names: string[]) =>
    npm(
      'install',
      '--offline',
      '--cache',
      at('cache'),
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      ...names,
    );
  const node = async (file: string) => {
    const { stdout, stderr } = await run(process.execPath, [file, at(`store-of-${file}`)], {
      cwd: outside,
      env,
    });
    return { printed: JSON.parse(stdout) as unknown, stderr };
  };
  const bundle = async (contents: string, options: BuildOptions = {}): Promise<string> => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: outside, loader: 'js' },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      define: { 'process.env.NODE_ENV': '"production"' },
      ...options,
    });
    return outputFiles?.[0]?.text ?? '';
  };

  beforeAll(async () => {
    if (!existsSync(join(PACKAGE, 'dist/cjs'))) await run('npm', ['run', 'build'], { cwd: PACKAGE, env });
    outside = await mkdtemp(join(tmpdir(), 'hale-outside-'));
    const specs = [PACKAGE, ...[...OTHERS, OPTIONAL].map((name) => resolve('node_modules', name))];
    const { stdout } = await npm('pack', '--ignore-scripts', '--json', ...specs);
    const packed = JSON.parse(stdout) as Packed[];
    client = packed.find(({ name }) => name === '@hale/client')!;
    optional = packed.find(({ name }) => name === OPTIONAL)!;
    const needed = packed.filter((one) => one !== optional);
    const dependencies = Object.fromEntries(needed.map(({ name, filename }) => [name, `file:${filename}`]));
    await writeFile(at('package.json'), JSON.stringify({ name: 'outside', private: true, dependencies }));
    await install();
  });
  afterAll(() => rm(outside, { recursive: true, force: true }));

  it('has what a reader looks for, and nothing that only this repository needs', async () => {
    const paths = client.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json']));
    const strange = paths.filter(
      (path) =>
        !/^(?:LICENSE|README\.md|CHANGELOG\.md|package\.json|dist\/.+\.(?:js|d\.ts|json))$/.test(path),
    );
    expect([...strange, ...paths.filter((path) => path.endsWith('.d.js'))]).toEqual([]);
    // The types of the whole API, once. The rules of all kinds grow with their number; an app takes those that it imports.
    const large = client.files
      .filter(({ size, path }) => size > 50_000 && !path.endsWith('definitions.generated.js'))
      .map(({ path }) => path);
    expect(large).toEqual(['dist/cjs/schema.d.ts']);
    const manifest = JSON.parse((await run('cat', [join(PACKAGE, 'package.json')])).stdout);
    for (const member of ['license', 'repository', 'keywords', 'description', 'engines'])
      expect(manifest).toHaveProperty(member);
  });

  it('works as an ES module', async () => {
    await writeFile(
      at('use.mjs'),
      `import { createClient, HaleError, MemoryStorage } from '@hale/client';
      import { FileStorage } from '@hale/client/file';
      import { weight } from '@hale/client/kinds';
      ${USE}`,
    );
    expect(await node('use.mjs')).toEqual({ printed: [81, true, 'invalid'], stderr: '' });
  });

  it('works in CommonJS', async () => {
    await writeFile(
      at('use.cjs'),
      `const { createClient, HaleError, MemoryStorage } = require('@hale/client');
      const { FileStorage } = require('@hale/client/file');
      const { weight } = require('@hale/client/kinds');
      if (require('@hale/client/health').readingId('steps', 'a', 'b').length !== 36) throw new Error('no id');
      void (async () => { ${USE} })();`,
    );
    expect(await node('use.cjs')).toEqual({ printed: [81, true, 'invalid'], stderr: '' });
  });

  it('says once that there is no WebSocket, and finds those of `ws` when it is installed', async () => {
    await writeFile(
      at('live.mjs'),
      `import { createServer } from 'node:http';
      import { createClient, MemoryStorage } from '@hale/client';
      import { weight } from '@hale/client/kinds';
      const found = [];
      for (const id of ['ada', 'bob']) {
        const server = createServer((_, response) => response.writeHead(503).end());
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        const hale = await createClient({
          url: 'http://127.0.0.1:' + server.address().port,
          storage: new MemoryStorage(),
          kinds: [weight],
        });
        await hale.signInWith({ tokens: { user: { id }, access_token: 'a', refresh_token: 'r' } });
        hale.start();
        found.push(await new Promise((resolve) => {
          server.on('upgrade', (_, socket) => resolve('asked') || socket.destroy());
          hale.status.subscribe(({ realtime }) => realtime === 'unavailable' && resolve(realtime));
        }));
        await hale.close();
        server.closeAllConnections();
        server.close();
      }
      console.log(JSON.stringify(found));`,
    );
    const hasOwn = 'WebSocket' in globalThis;
    const before = await node('live.mjs');
    expect(before.printed).toEqual(hasOwn ? ['asked', 'asked'] : ['unavailable', 'unavailable']);
    expect(before.stderr.match(/npm install ws/g) ?? []).toHaveLength(hasOwn ? 0 : 1);
    await install(`./${optional.filename}`);
    expect(await node('live.mjs')).toEqual({ printed: ['asked', 'asked'], stderr: '' });
  });

  it.each([
    ['ES modules and CommonJS', 'nodenext', ['typed.mts', 'typed.cts']],
    ['a bundler', 'bundler', ['typed.ts', 'guide.ts', 'medications.ts', 'nutrition.ts', 'readme.ts']],
  ])('has types for %s', { timeout: 300_000 }, async (_, moduleResolution, files) => {
    const imports = `
      import { createClient, MemoryStorage, type Status } from '@hale/client';
      import { FileStorage } from '@hale/client/file';
      import { meal, weight } from '@hale/client/kinds';
      import { HaleProvider, useConflicts, useRecords, useStatus } from '@hale/client/react';`;
    for (const file of files) await writeFile(at(file), imports + TYPED);
    await writeFile(at('guide.ts'), await examplesOf('docs/health.md'));
    await writeFile(at('medications.ts'), await examplesOf('docs/medications.md'));
    await writeFile(at('nutrition.ts'), await examplesOf('docs/nutrition.md'));
    await writeFile(
      at('readme.ts'),
      await examplesOf('clients/typescript/README.md', /healthOf|fillItem|dosesOf/),
    );
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
      moduleResolution,
      types: [],
    };
    await writeFile(at('tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const compiler = resolve('node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler, '-p', outside], { cwd: outside, env }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it('is at most 25 kB in a page of two kinds, compressed, without the rules of the others', async () => {
    const page = await bundle(
      `export { createClient, HaleError, IndexedDbStorage, ProblemError, Unreachable } from '@hale/client';
      export { meal, weight } from '@hale/client/kinds';
      export * from '@hale/client/react';`,
      { external: ['react'] },
    );
    expect(gzipSync(page).length).toBeLessThanOrEqual(25_000);
    expect(page).toContain('weight_value');
    expect(page).toContain('eaten_at');
    expect(page).not.toMatch(/added_sugars_g|minutes_asleep|roll_up/);
    // No Node module and no optional package is asked for.
    const imported = [...page.matchAll(/\}from"([^"]+)"/g)].map(([, name]) => name);
    expect(imported).toEqual(['react']);
  });

  it('renders with React on a server', async () => {
    await mkdir(at('server'), { recursive: true });
    await writeFile(at('server/app.mjs'), APP);
    await writeFile(
      at('server/render.mjs'),
      `import { renderToString } from 'react-dom/server';
      import { app, open } from './app.mjs';
      const client = await open();
      console.log(JSON.stringify(renderToString(app(client))));
      await client.close();`,
    );
    const { stdout } = await run(process.execPath, ['server/render.mjs'], { cwd: outside, env });
    expect(JSON.parse(stdout)).toContain('<p id="list">loading</p>');
  });

  const executable = findBrowser();
  it.runIf(executable)('works with React in a browser', { timeout: 120_000 }, async () => {
    await writeFile(at('app.js'), APP);
    const script = await bundle(`
      import { StrictMode, createElement } from 'react';
      import { createRoot } from 'react-dom/client';
      import { app, open } from './app.js';
      const client = await open();
      createRoot(document.getElementById('root')).render(createElement(StrictMode, null, app(client)));`);
    const browser = await launch(executable!);
    try {
      const page = await browser.newPage();
      const complaints = await complaintsOf(page);
      await page.route('http://outside.test/', (route) =>
        route.fulfill({
          contentType: 'text/html',
          body: `<div id="root"></div><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`,
        }),
      );
      await page.goto('http://outside.test/');
      const text = (id: string) => page.locator(`#${id}`).textContent();
      await page.waitForFunction("document.getElementById('status')?.textContent === '0 false 0'");
      expect(await text('list')).toBe('');
      for (const value of ['12', '10', '14']) await page.getByText(value, { exact: true }).last().click();
      // Only those of the range, the newest first, and all of them in the status.
      await page.waitForFunction("document.getElementById('list').textContent === '14 12'");
      await page.waitForFunction("document.getElementById('status').textContent === '3 false 0'");
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
