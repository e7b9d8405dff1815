import { changeWire } from './change.dto.js';
import { eventWire, type EventsResultDto } from './events.dto.js';
import type { ReadMutation } from './mutations.js';
import type { MutationResultDto, PushResultDto } from './push.dto.js';
import type { PushAnswer } from './push.service.js';
import type { MutationOutcome } from './push.js';

export const resultWire = (answer: PushAnswer, serverTime: Date): PushResultDto => ({
  epoch: answer.epoch,
  server_time: serverTime.toISOString(),
  last_client_seq: answer.lastClientSeq,
  results: answer.mutations.map((mutation, index) =>
    outcomeWire(mutation, answer.outcomes[index] as MutationOutcome),
  ),
});

export const eventResultWire = (answer: PushAnswer, serverTime: Date): EventsResultDto => {
  const { server_time, last_client_seq, results } = resultWire(answer, serverTime);
  return { server_time, last_client_seq, results: results.map(eventWire) };
};

function outcomeWire({ mutationId, id }: ReadMutation, outcome: MutationOutcome): MutationResultDto {
  const { status, kind, record, conflictId, error, isClockAdjusted, isRevived } = outcome;
  // After `applied` the client knows what holds: what it sent, on top of what it had.
  const isKnown = status === 'applied' && isRevived !== true;
  return {
    mutation_id: mutationId,
    id,
    status,
    ...(record
      ? { version: record.version, seq: `${record.seq}`, modified_at: record.modifiedAt.toISOString() }
      : {}),
    ...(isClockAdjusted === true ? { clock_adjusted: true } : {}),
    ...(record && kind && !isKnown ? { record: changeWire(kind, record) } : {}),
    ...(conflictId === undefined ? {} : { conflict_id: conflictId }),
    ...(error ? { error: { ...error } } : {}),
  };
}
