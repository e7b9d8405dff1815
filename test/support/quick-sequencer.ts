import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** One minute of two cores, less the time in which the workers load the product. */
const BUDGET_MS = 2 * 40_000;
/** The estimate for a file that has not run on this machine yet: longer files take more time, most of all with the service. */
const MS_PER_BYTE = { unit: 0.05, sqlite: 0.25 };
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

/** The project and the folder of a test file. */
const areaOf = ({ project, moduleId }: TestSpecification): string =>
  `${project.name}:${dirname(relative(process.cwd(), moduleId))}`;

/** The rank of the shortest file of each area, which always runs. */
const OF_AREA = 1;

interface Candidate {
  readonly file: TestSpecification;
  readonly rank: number;
  readonly ms: number;
  /** The place among the files of its area, the shortest first. */
  readonly turn: number;
}

/**
 * Runs the tests that a change affects and some of every area, and skips those that do not fit into the time. The order: test
 * files that changed, the shortest file of each area, test files that import a changed file, test files with the changed
 * subject in their path, and then the others, one of each area in turn.
 */
export class QuickSequencer extends BaseSequencer {
  private readonly changed = changedFiles();
  private readonly subjects = new Set(this.changed.flatMap(subjectsOf));

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const candidates = this.candidatesOf(files.filter(({ moduleId }) => !STARTS_PROCESSES.test(moduleId)));
    let spent = 0;
    const fitting = candidates
      .toSorted((a, b) => a.rank - b.rank || a.turn - b.turn || a.ms - b.ms)
      .filter(({ ms, rank }, index) => {
        const fits = spent + ms <= BUDGET_MS || index === 0 || rank === OF_AREA;
        if (fits) spent += ms;
        return fits;
      });
    report(candidates.length - fitting.length, candidates.length);
    // Sorted by project, because a worker that changes its project loads all modules again; the longest first.
    return fitting
      .toSorted((a, b) => a.file.project.name.localeCompare(b.file.project.name) || b.ms - a.ms)
      .map(({ file }) => file);
  }

  private candidatesOf(files: readonly TestSpecification[]): Candidate[] {
    const turns = new Map<string, number>();
    return files
      .map((file) => ({ file, ms: this.expectedMs(file) }))
      .toSorted((a, b) => a.ms - b.ms)
      .map(({ file, ms }) => {
        const area = areaOf(file);
        const turn = turns.get(area) ?? 0;
        turns.set(area, turn + 1);
        return { file, ms, turn, rank: this.rankOf(file.moduleId, turn === 0) };
      });
  }

  private rankOf(path: string, isFirstOfArea: boolean): number {
    if (this.changed.includes(path)) return 0;
    if (isFirstOfArea) return OF_AREA;
    if (this.imports(path)) return 2;
    return subjectsOf(path).some((part) => this.subjects.has(part)) ? 3 : 4;
  }

  private imports(path: string): boolean {
    const imported = [...readFileSync(path, 'utf8').matchAll(/from '(\.[^']+)\.js'/g)];
    const files = imported.map(([, specifier = '']) => resolve(dirname(path), `${specifier}.ts`));
    // Nearly all tests import app.ts, so a change of it does not select any of them.
    return files.some((file) => this.changed.includes(file) && basename(file) !== 'app.ts');
  }

  private expectedMs({ project, moduleId }: TestSpecification): number {
    const key = `${project.name}:${relative(this.ctx.config.root, moduleId)}`;
    return (
      this.ctx.cache.getFileTestResults(key)?.duration ??
      statSync(moduleId).size * MS_PER_BYTE[project.name === 'unit' ? 'unit' : 'sqlite']
    );
  }
}

function report(left: number, all: number): void {
  const files = left === 0 ? '' : `, and ${left} of ${all} test files that would not fit into a minute`;
  console.log(
    `test:quick skips MariaDB, tests of processes and of foreign clients${files}; npm test runs everything.`,
  );
}
