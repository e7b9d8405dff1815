import { changeOf } from '../pull/change.dto.js';
import { eventResultOf, type EventsResultDto } from './events.dto.js';
import type { ReadMutation } from './mutations.js';
import type { PushAnswer } from './mutations.service.js';
import type { MutationResultDto, PushResultDto } from './push.dto.js';
import type { MutationOutcome } from './push.js';

export const resultOf = (answer: PushAnswer, serverTime: Date): PushResultDto => ({
  epoch: answer.epoch,
  serverTime,
  lastClientSeq: answer.lastClientSeq,
  results: answer.mutations.map((mutation, index) =>
    outcomeOf(mutation, answer.outcomes[index] as MutationOutcome),
  ),
});

export const eventsResultOf = (answer: PushAnswer, serverTime: Date): EventsResultDto => {
  const { lastClientSeq, results } = resultOf(answer, serverTime);
  return { serverTime, lastClientSeq, results: results.map(eventResultOf) };
};

function outcomeOf({ mutationId, id }: ReadMutation, outcome: MutationOutcome): MutationResultDto {
  const { status, kind, record, conflictId, error, isClockAdjusted, isRevived } = outcome;
  // After `applied` the client knows the record: it is its own copy with the values that it sent.
  const isKnown = status === 'applied' && isRevived !== true;
  return {
    mutationId,
    id,
    status,
    ...(record ? { version: record.version, seq: `${record.seq}`, modifiedAt: record.modifiedAt } : {}),
    ...(isClockAdjusted === true ? { clockAdjusted: true } : {}),
    ...(record && kind && !isKnown ? { record: changeOf(kind, record) } : {}),
    ...(conflictId === undefined ? {} : { conflictId }),
    ...(error ? { error: { ...error } } : {}),
  };
}
