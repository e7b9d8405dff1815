import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { DAY_MS } from '../../../kernel/quantities/local-time.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { followGoals } from './goal-marks.js';
import { Goal } from './goal.entity.js';
import type { Direction } from './goal-periods.js';
import { GoalFieldsDto } from './goals.fields.js';

/** What is computed for all goals of a person is bounded by it. */
export const MAX_GOALS = 50;
export const MAX_GOAL_DAYS = 3_660;

export const goalRecord = defineRecord({
  kind: 'goal',
  most: MAX_GOALS,
  entity: Goal,
  fields: GoalFieldsDto,
  data: GoalFieldsDto,
  groups: [
    // None of these has a meaning without the others, so they are one group.
    [
      'subject',
      'direction',
      'targetMin',
      'targetMax',
      'startValue',
      'unit',
      'period',
      'weekdays',
      'startOn',
      'dueOn',
    ],
    ['name'],
    ['allowedMisses'],
    ['note'],
    ['isArchived'],
  ],
  check: faultsOfGoal,
  follow: followGoals,
});

const NEEDED: Readonly<Record<Direction, readonly ('targetMin' | 'targetMax')[]>> = {
  at_least: ['targetMin'],
  reach: ['targetMin'],
  at_most: ['targetMax'],
  reduce_to: ['targetMax'],
  between: ['targetMin', 'targetMax'],
};
const NAMES = { targetMin: 'target_min', targetMax: 'target_max' } as const;

/** @param goal may lack what a change of another group does not have */
function faultsOfGoal(goal: Partial<GoalFieldsDto>): FieldError[] {
  const { direction, startOn, targetMin, targetMax, startValue, period, weekdays, dueOn } = goal;
  if (direction === undefined || startOn === undefined) return [];
  const isWay = direction === 'reach' || direction === 'reduce_to';
  return [
    ...(['targetMin', 'targetMax'] as const).flatMap((field) => {
      const isNeeded = NEEDED[direction].includes(field);
      if (isNeeded === (goal[field] != null)) return [];
      const [code, how] = isNeeded ? ['required', 'required'] : ['not-allowed', 'not'];
      return fault(NAMES[field], code, `${NAMES[field]} is ${how} for ${direction}`);
    }),
    ...(targetMin != null && targetMax != null && targetMin > targetMax
      ? fault('target_max', 'out-of-range', 'target_max must be at least target_min')
      : []),
    ...(isWay && period !== 'total'
      ? fault('period', 'not-allowed', `${direction} is for the period total`)
      : []),
    ...(!isWay && startValue != null
      ? fault('start_value', 'not-allowed', 'start_value is for reach and reduce_to')
      : []),
    ...(weekdays != null && period !== 'day'
      ? fault('weekdays', 'not-allowed', 'weekdays are for the period day')
      : []),
    ...(dueOn != null && !isInTime(startOn, dueOn)
      ? fault('due_on', 'out-of-range', `due_on must be 0 to ${MAX_GOAL_DAYS - 1} days after start_on`)
      : []),
  ];
}

function isInTime(startOn: string, dueOn: string): boolean {
  const days = (Date.parse(dueOn) - Date.parse(startOn)) / DAY_MS + 1;
  return days >= 1 && days <= MAX_GOAL_DAYS;
}
