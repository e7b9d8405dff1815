import { describe, expect, it } from 'vitest';
import { RULES, type Rule, without } from './rules.js';
import { type Step, World } from './world.js';

/** The phones of a story. */
const [A, B] = [0, 1];
const write = (client: number, op: 'create' | 'update' | 'delete' | 'revive'): Step => ({
  type: 'write',
  client,
  op,
  pick: 0,
  groups: 3,
});
const sync = (client: number): Step => ({ type: 'sync', client });
const wait: Step = { type: 'wait', time: 20 };
/** The next request of a phone; the first of a cycle is a pull. */
const request = (client: number): Step => ({ type: 'request', client, fault: 'none' });

/** Plays a story, and checks at its end that nothing was lost. */
function play(steps: readonly Step[], { skews = [0, 0], rules = RULES } = {}): void {
  const world = new World(rules, skews);
  for (const step of steps) world.do(step);
  world.heal();
}

const bothHaveIt = [write(A, 'create'), sync(A), sync(B), wait];

/** B changes the record; A changes it later, and is first. B pulls that below its own edit, does not see it, and goes on. */
const hidden = (last: 'update' | 'delete'): Step[] => [
  ...bothHaveIt,
  write(B, 'update'),
  wait,
  write(A, 'update'),
  sync(A),
  wait,
  request(B),
  write(B, last),
  sync(B),
];

/** The same, and the server is restored from a backup that has neither edit. */
const hiddenAndLost: Step[] = [
  write(A, 'create'),
  sync(A),
  write(A, 'update'),
  sync(B),
  sync(A),
  write(B, 'update'),
  request(B),
  { type: 'restore', pick: 0 },
  sync(B),
];

/** A server without the record and its deletion is restored. The person creates the record again; the answer is lost. */
const takenBack: Step[] = [
  write(A, 'create'),
  sync(A),
  write(A, 'delete'),
  sync(A),
  { type: 'restore', pick: 0 },
  sync(A),
  // The clock of the phone is set back, so the record is created before it was deleted.
  { type: 'clock', client: A, skew: -20 },
  request(A),
  write(A, 'revive'),
  { type: 'request', client: A, fault: 'drop-answer' },
  { type: 'request', client: A, fault: 'drop-answer' },
];

/** A phone whose clock is slow deletes a record and makes it again. */
const madeAgain = (between: readonly Step[]): Step[] => [
  ...bothHaveIt,
  write(B, 'delete'),
  ...between,
  { type: 'wait', time: 1 },
  write(B, 'revive'),
  sync(B),
];

describe('no value that a person typed is lost without a trace', () => {
  it.each<[string, readonly Step[], { skews?: number[] }, Rule | undefined]>([
    ['a correction of an edit that hides another phone’s edit', hidden('update'), {}, 'firstBase'],
    ['a deletion after an edit that hides another phone’s edit', hidden('delete'), {}, 'firstBase'],
    ['an edit that hides what a restored server lost', hiddenAndLost, {}, 'unseenCopies'],
    ['made again after a restored server lost its deletion', takenBack, {}, 'takesBack'],
    [
      'deleted and made again by a slow clock, in one request',
      madeAgain([]),
      { skews: [0, -500] },
      undefined,
    ],
    ['the same in two requests', madeAgain([sync(B)]), { skews: [0, -500] }, undefined],
  ])('%s', (_, steps, options, rule) => {
    play(steps, options);
    if (rule) expect(() => play(steps, { ...options, rules: without(rule) })).toThrow(/^P7/);
  });
});
