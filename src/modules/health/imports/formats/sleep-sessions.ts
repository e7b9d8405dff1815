import { MAX_STAGES } from '../../sleep/sleep.fields.js';
import type { ImportRow, Moment, SleepStage } from './import-format.js';

/** A stage of sleep with its place in the file. */
export interface FoundStage extends SleepStage {
  readonly line: number;
  readonly origin: string;
  readonly source?: string;
  readonly device?: string;
}

/** A longer time awake ends a session. */
const GAP_MS = 60 * 60_000;
const MAX_MS = 24 * 3_600_000;
/** A person has a few sources. A file can name as many as it has stages. */
const MAX_OPEN = 50;

const timeOf = (moment: Moment): number => (moment.is === 'instant' ? moment.at.getTime() : NaN);

/** Stages in their order. */
export const inOrder = <Stage extends SleepStage>(stages: readonly Stage[]): Stage[] =>
  stages.toSorted((a, b) => timeOf(a.start) - timeOf(b.start) || timeOf(a.end) - timeOf(b.end));

/**
 * Joins the stages of files that have no sessions: those of one origin that follow each other. Only the sessions that are not
 * over are kept in memory.
 */
export class SleepSessions {
  private readonly open = new Map<string, FoundStage[]>();

  *add(stage: FoundStage): Generator<ImportRow> {
    const stages = this.open.get(stage.origin) ?? [];
    if (stages.length > 0 && !continues(stages, stage)) {
      yield sessionOf(stages);
      stages.length = 0;
    }
    stages.push(stage);
    // The one that was added to last comes last.
    this.open.delete(stage.origin);
    this.open.set(stage.origin, stages);
    if (this.open.size > MAX_OPEN) yield* this.endOldest();
  }

  private *endOldest(): Generator<ImportRow> {
    for (const [origin, stages] of this.open) {
      this.open.delete(origin);
      yield sessionOf(stages);
      return;
    }
  }

  *end(): Generator<ImportRow> {
    for (const stages of this.open.values()) yield sessionOf(stages);
    this.open.clear();
  }
}

const ends = (stages: readonly FoundStage[]): number => Math.max(...stages.map(({ end }) => timeOf(end)));

function continues(stages: readonly FoundStage[], next: FoundStage): boolean {
  const [first] = stages;
  if (!first || stages.length >= MAX_STAGES) return false;
  const begins = Math.min(...stages.map(({ start }) => timeOf(start)));
  const isNear = timeOf(next.start) <= ends(stages) + GAP_MS && timeOf(next.end) >= begins - GAP_MS;
  return isNear && timeOf(next.end) - begins <= MAX_MS;
}

function sessionOf(stages: readonly FoundStage[]): ImportRow {
  const sorted = inOrder(stages);
  const [first] = sorted;
  if (!first) throw new Error('A session has a stage');
  const { origin, source, device, start } = first;
  const end: Moment = { is: 'instant', at: new Date(ends(sorted)) };
  return {
    line: Math.min(...stages.map(({ line }) => line)),
    items: [
      {
        is: 'sleep',
        start,
        end,
        stages: sorted.map((one) => ({ stage: one.stage, start: one.start, end: one.end })),
        origin,
        ...(source === undefined ? {} : { source }),
        ...(device === undefined ? {} : { device }),
      },
    ],
  };
}
