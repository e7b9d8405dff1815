import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryDirectory } from '../../tools/support/memory-directory.js';
import { addKind, AREA, NEW_KIND } from '../support/new-kind.js';

const run = promisify(execFile);

const CLIENT = 'clients/typescript';
/** Generated directories that are not part of a kind. */
const LEFT_OUT = new Set(['.git', 'node_modules', 'dist', 'data', 'coverage']);
/** The generated files, which the commands after an API change write. */
const GENERATED =
  /^(openapi\.json|postman\/.+|clients\/typescript\/src\/(schema\.d|(kinds|definitions)\.generated)\.ts)$/;

/** A digest of every file of a directory tree, by path. */
function digests(root: string, folder = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(join(root, folder))) {
    const path = join(folder, name);
    if (LEFT_OUT.has(name)) continue;
    if (statSync(join(root, path)).isDirectory())
      for (const [it, digest] of digests(root, path)) found.set(it, digest);
    else
      found.set(
        path,
        createHash('sha256')
          .update(readFileSync(join(root, path)))
          .digest('hex'),
      );
  }
  return found;
}

/** The type errors of these files. All others were checked before the kind came, and nothing that they import has changed. */
function typeErrors(root: string, files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: files }, ts.sys, root);
  expect(fileNames.length).toBeGreaterThanOrEqual(files.length);
  const program = ts.createProgram(fileNames, options);
  return fileNames
    .map((name) => program.getSourceFile(name))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
}

/** Adds the kind of `docs/new-kind.md` as the page says. It may change only its area's folder, one migration, and generated files. */
describe('a new kind of record', { timeout: 600_000 }, () => {
  let root: string;
  let before: Map<string, string>;
  beforeAll(() => {
    root = mkdtempSync(join(memoryDirectory(), 'hale-new-kind-'));
    for (const name of readdirSync('.'))
      if (!LEFT_OUT.has(name)) cpSync(name, join(root, name), { recursive: true });
    rmSync(join(root, 'clients/typescript/node_modules'), { recursive: true, force: true });
    symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
    before = digests(root);
    addKind(root);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const npm = async (...options: string[]): Promise<void> => {
    const { VITEST: _, VITEST_WORKER_ID: __, VITEST_POOL_ID: ___, NODE_ENV: ____, ...env } = process.env;
    await run('npm', options, { cwd: root, env, maxBuffer: 64 * 1_024 ** 2 }).catch(
      (error: Record<string, unknown>) => {
        throw new Error(`npm ${options.join(' ')}\n${String(error['stdout'])}\n${String(error['stderr'])}`);
      },
    );
  };

  it('builds, starts, and is in the API document', async () => {
    await npm('run', 'openapi');
    const { paths, components } = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8'));
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/api/blood-donations']));
    expect(Object.keys(components.schemas)).toContain('BloodDonationFields');
  });

  it('passes the type check and the import rules', async () => {
    await npm('run', 'generate', '--workspace', '@hale/client');
    await npm('exec', '--', 'tsc', '--noEmit', '--emitDeclarationOnly', 'false', '--project', CLIENT);
    // The tests of the client import the generated types.
    expect(typeErrors(root, [...Object.keys(NEW_KIND), AREA, `${CLIENT}/test`])).toEqual([]);
    await npm('run', 'check:ladder');
  });

  it('passes the contract tests of every kind, and its own', async () => {
    const tests = ['test/contract', 'test/http/blood-donations.test.ts'];
    // One worker loads the product once; the compiled sources of the copy go with it.
    const options = ['--maxWorkers=1', `--experimental.fsModuleCachePath=${join(root, 'data')}`];
    await npm('exec', '--', 'vitest', 'run', ...tests, '--project', 'sqlite', ...options);
  });

  it('changes only its own files', () => {
    const after = digests(root);
    const changed = [...after].filter(([path, digest]) => before.get(path) !== digest).map(([path]) => path);
    expect([...before.keys()].filter((path) => !after.has(path))).toEqual([]);
    const own = [...Object.keys(NEW_KIND), AREA].toSorted();
    expect(changed.filter((path) => !GENERATED.test(path)).toSorted()).toEqual(own);
  });
});
