/*
 * The exports of training apps. Their sets and exercises become records as soon as there is a kind for them: then each gets a
 * format, and leaves this list.
 */

interface TrainingLog {
  readonly app: string;
  /** Columns that together no other table has. */
  readonly columns: readonly string[];
}

const LOGS: readonly TrainingLog[] = [
  { app: 'Strong', columns: ['Date', 'Workout Name', 'Exercise Name', 'Set Order', 'Reps'] },
  { app: 'Hevy', columns: ['title', 'start_time', 'exercise_title', 'set_index', 'reps'] },
  { app: 'FitNotes', columns: ['Date', 'Exercise', 'Category', 'Reps'] },
];

/** The app whose training log begins in this way. */
export function trainingLogOf(head: string): string | undefined {
  const [first = ''] = head.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  const columns = new Set(
    first
      .slice(0, 4_096)
      .split(/[,;\t]/)
      .map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')),
  );
  return LOGS.find((log) => log.columns.every((name) => columns.has(name)))?.app;
}
