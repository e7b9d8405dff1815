import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** One minute of two workers, less the time in which they load the product. */
const BUDGET_MS = 2 * 40_000;
/** The estimate for a file that has not run on this machine yet: longer files take more time. */
const MS_PER_BYTE = 0.35;
const STARTS_PROCESSES = /\/test\/(process|foreign)\//;
/** Names that many folders and files have, so they do not show the subject of a file. */
const COMMON = new Set([
  'src',
  'test',
  'tools',
  'modules',
  'http',
  'unit',
  'support',
  'index',
  'main',
  'kernel',
]);

/** The files that differ from `main`, committed or not. */
function changedFiles(): string[] {
  const git = (...options: string[]): string[] => {
    try {
      return execFileSync('git', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(
        '\n',
      );
    } catch {
      // Not a git checkout, or a checkout without `main`: then no file counts as changed.
      return [];
    }
  };
  const files = [
    ...git('diff', '--name-only', 'HEAD'),
    ...git('diff', '--name-only', 'main...HEAD'),
    ...git('ls-files', '--others', '--exclude-standard'),
  ];
  return [...new Set(files.filter((file) => /\.m?ts$/.test(file)))].map((file) => resolve(file));
}

const subjectsOf = (file: string): string[] =>
  relative(process.cwd(), file)
    .split(/[/.-]/)
    .filter((part) => part.length > 3 && !COMMON.has(part));

/**
 * Runs first the tests that a change affects, and skips those that do not fit into the time. The order: test files that
 * changed, test files that import a changed file, test files with the changed subject in their path, and then the others.
 * Within each of these, the shortest come first.
 */
export class QuickSequencer extends BaseSequencer {
  private readonly changed = changedFiles();
  private readonly subjects = new Set(this.changed.flatMap(subjectsOf));

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranked = files
      .filter(({ moduleId }) => !STARTS_PROCESSES.test(moduleId))
      .map((file) => ({ file, rank: this.rankOf(file.moduleId), ms: this.expectedMs(file) }))
      .toSorted((a, b) => a.rank - b.rank || a.ms - b.ms);
    let spent = 0;
    const fitting = ranked.filter(({ ms }, index) => (spent += ms) <= BUDGET_MS || index === 0);
    report(ranked.length - fitting.length, ranked.length);
    // Sorted by project, because a worker that changes its project loads all modules again.
    const byProject = (a: TestSpecification, b: TestSpecification) =>
      a.project.name.localeCompare(b.project.name);
    return fitting.map(({ file }) => file).toSorted(byProject);
  }

  private rankOf(path: string): number {
    if (this.changed.includes(path)) return 0;
    if (this.imports(path)) return 1;
    return subjectsOf(path).some((part) => this.subjects.has(part)) ? 2 : 3;
  }

  private imports(path: string): boolean {
    const imported = [...readFileSync(path, 'utf8').matchAll(/from '(\.[^']+)\.js'/g)];
    const files = imported.map(([, specifier = '']) => resolve(dirname(path), `${specifier}.ts`));
    // Nearly all tests import app.ts, so a change of it does not select any of them.
    return files.some((file) => this.changed.includes(file) && basename(file) !== 'app.ts');
  }

  private expectedMs({ project, moduleId }: TestSpecification): number {
    const key = `${project.name}:${relative(this.ctx.config.root, moduleId)}`;
    return this.ctx.cache.getFileTestResults(key)?.duration ?? statSync(moduleId).size * MS_PER_BYTE;
  }
}

function report(left: number, all: number): void {
  const files = left === 0 ? '' : `, and ${left} of ${all} test files that would not fit into a minute`;
  console.log(
    `test:quick skips MariaDB, tests of processes and of foreign clients${files}; npm test runs everything.`,
  );
}
