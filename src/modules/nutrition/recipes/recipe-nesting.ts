import { cut } from '../../../kernel/http/cut.js';
import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import type { ArrivedEdit, OtherRecords, StoredRecords } from '../../../records/define/define-record.js';
import type { MealItemDto } from '../items/meal-item.dto.js';
import { MOST_LEVELS, MOST_PARTS, PartGraph } from './part-graph.js';
import type { Recipe } from './recipe.entity.js';
import type { RecipeFieldsDto } from './recipes.dto.js';

export const RECIPE = 'recipe';
/** Of a name in an error, so that the names of all levels fit into it. */
const MAX_NAME = 24;

type Entered = Partial<RecipeFieldsDto>;

/** Which recipes of a person contain which others. */
interface Nesting {
  readonly graph: PartGraph;
  readonly names: ReadonlyMap<string, string>;
  /** The recipes that the transaction edits. */
  readonly edited: readonly string[];
}

/** The recipes among items, each once. */
export const partsOf = (items: readonly MealItemDto[] = []): string[] => [
  ...new Set(items.flatMap(({ recipeId }) => recipeId ?? [])),
];

export const faultsOfParts = (items: readonly MealItemDto[] | undefined): FieldError[] =>
  partsOf(items).length <= MOST_PARTS
    ? []
    : fault('items', 'out-of-range', `items must have at most ${MOST_PARTS} different recipes`);

/**
 * Reads which recipes of a person contain which others. Deleted ones too: they may come back without a change of their items.
 * Undefined if no edit has a recipe among its items, because then none begins to contain another.
 */
export async function gatherNesting(
  edits: readonly ArrivedEdit<Entered>[],
  { database, ownerId }: OtherRecords,
): Promise<Nesting | undefined> {
  if (edits.every(({ entered }) => partsOf(entered.items).length === 0)) return undefined;
  const rows = await database.rows(
    'SELECT id, name, part_ids FROM recipes WHERE user_id = ? AND part_count > 0',
    [ownerId],
    false,
  );
  const [graph, names, slice] = [new PartGraph(), new Map<string, string>(), new TimeSlice()];
  for (const row of rows) {
    if (slice.isOver) await slice.next();
    const id = String(row['id']);
    names.set(id, String(row['name']));
    graph.set(id, JSON.parse(String(row['part_ids'])) as string[]);
  }
  return { graph, names, edited: edits.flatMap(({ id }) => id ?? []) };
}

/** Refuses a recipe that would contain itself, directly or through others, and too many levels of recipes. */
export function faultsOfNesting(
  { name, items }: Entered,
  { id, current, find, gathered }: StoredRecords<Recipe>,
): FieldError[] {
  const parts = partsOf(items);
  if (parts.length === 0 || !items) return [];
  const { graph, names, edited } = gathered as Nesting;
  const recipeOf = (one: string) => find({ kind: RECIPE, id: one }) as Recipe | undefined;
  for (const one of edited) graph.set(one, recipeOf(one)?.partIds);
  const nameOf = (one: string): string =>
    cut((one === id ? (name ?? current?.name) : (recipeOf(one)?.name ?? names.get(one))) ?? one, MAX_NAME);
  const way = graph.cycleBy(id, parts);
  if (way) return nestingFault(items, way[1], `contains the recipe itself: ${way.map(nameOf).join(' → ')}`);
  const deep = graph.tooDeepOf(id, parts);
  return deep ? nestingFault(items, deep, `makes more than ${MOST_LEVELS} levels of recipes`) : [];
}

function nestingFault(items: readonly MealItemDto[], part: string | undefined, rule: string): FieldError[] {
  const field = `items.${items.findIndex(({ recipeId }) => recipeId === part)}.recipe_id`;
  return fault(field, 'not-allowed', `${field} ${rule}`);
}
