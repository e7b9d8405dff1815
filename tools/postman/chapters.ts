import { type Chapter, journey, type Step } from './journey.js';

export interface ChapterOperation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly method: string;
  readonly path: string;
  /** Names and examples of the parameters that must be given. */
  readonly required: Readonly<Record<string, string>>;
}

const METHODS = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'];

/**
 * The chapters of the journey, and before its last two one chapter for each section that the journey does not have, in
 * which a resource is created, read, changed and deleted. So a new module needs no line here.
 */
export function chapters(operations: readonly ChapterOperation[]): readonly Chapter[] {
  const named = new Set(journey.flatMap(({ steps }) => steps.map(({ operation }) => operation)));
  const others = operations.filter(({ operationId }) => !named.has(operationId));
  const sections = [...new Set(others.map(({ tags }) => tags?.[0] ?? ''))];
  const added = sections.map((name) => ({
    name,
    description: 'One at a time.',
    steps: inOrder(others.filter(({ tags }) => tags?.[0] === name)).map(stepOf),
  }));
  return [...journey.slice(0, -2), ...added, ...journey.slice(-2)];
}

/** Creation first, deletion last, fixed paths before paths with an id. */
const inOrder = (operations: readonly ChapterOperation[]): ChapterOperation[] =>
  operations.toSorted(
    (a, b) => METHODS.indexOf(a.method) - METHODS.indexOf(b.method) || a.path.length - b.path.length,
  );

function stepOf({ operationId, method, path, required }: ChapterOperation): Step {
  const collection =
    path
      .split('/')
      .filter((part) => !part.startsWith('{'))
      .at(-1) ?? '';
  const variable = `${collection.replaceAll('-', '_')}_id`;
  const isCreation = method === 'POST' && !path.endsWith('}');
  return {
    operation: operationId,
    parameters: { ...required, ...(path.endsWith('{id}') ? { id: `{{${variable}}}` } : {}) },
    ...(isCreation ? { saves: { [variable]: 'body.id' } } : {}),
  };
}
