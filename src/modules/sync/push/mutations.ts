import { cut } from '../../../kernel/http/cut.js';
import type { FieldError } from '../../../kernel/http/problem.js';
import { validate } from '../../../kernel/http/check.js';
import { canonical } from '../../../kernel/canonical.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import { MAX_FIELD, MutationDto } from './push.dto.js';
import { digest } from '../../../platform/random-token.js';
import { TimeSlice } from '../../../platform/time-slice.js';

/** A mutation, read as far as possible. */
export interface ReadMutation {
  /** Its index in the request. */
  readonly position: number;
  readonly mutationId: string | null;
  readonly id: string | null;
  readonly clientSeq: number | undefined;
  readonly kindName: string;
  readonly hash: string;
  readonly groupId: string | undefined;
  /** The mutation, or why it is invalid. */
  readonly content: Mutation | FieldError;
}

export interface Mutation {
  readonly kind: RecordKind;
  readonly id: string;
  readonly op: 'create' | 'update' | 'delete';
  readonly entered: Entered;
  readonly baseVersion: number | undefined;
  readonly modifiedAt: Date;
  /** Whether the later edits of the client were made without knowledge of it. */
  readonly isUnseen: boolean;
}

export const isRefused = (content: Mutation | FieldError): content is FieldError => 'code' in content;

/** Checks each mutation on its own, so that an invalid one does not stop the others. */
export async function readMutations(
  kinds: readonly RecordKind[],
  mutations: readonly unknown[],
): Promise<ReadMutation[]> {
  const slice = new TimeSlice();
  const read: ReadMutation[] = [];
  for (const [position, plain] of mutations.entries()) {
    if (slice.isOver) await slice.next();
    read.push(readMutation(kinds, plain, position));
  }
  return read;
}

function readMutation(kinds: readonly RecordKind[], plain: unknown, position: number): ReadMutation {
  const dto = validate(MutationDto, plain);
  if (Array.isArray(dto)) return unreadable(plain, position, dto[0]);
  return {
    position,
    mutationId: dto.mutationId,
    id: dto.id,
    clientSeq: dto.clientSeq,
    kindName: dto.kind,
    // Hash of the mutation as sent, with ids in lower case.
    hash: hashOf(plain as object, { mutation_id: dto.mutationId, id: dto.id, group_id: dto.groupId }),
    groupId: dto.groupId ?? undefined,
    content: contentOf(kinds, dto),
  };
}

function contentOf(kinds: readonly RecordKind[], dto: MutationDto): Mutation | FieldError {
  const kind = kinds.find(({ name }) => name === dto.kind);
  if (!kind) return refusal('unknown-kind', 'kind', 'This service does not have the kind');
  const entered = enteredOf(kind, dto);
  if (Array.isArray(entered)) {
    const [error] = entered as FieldError[];
    const field =
      error?.field === 'kind' ? 'kind' : `fields.${error?.field ?? ''}`.replace(/\.$|\.fields$/, '');
    return refusal(error?.code ?? 'invalid', field, error?.message ?? '');
  }
  return {
    kind,
    id: dto.id,
    op: dto.op,
    entered: entered as Entered,
    baseVersion: dto.baseVersion ?? undefined,
    modifiedAt: dto.modifiedAt,
    isUnseen: dto.unseen === true,
  };
}

function enteredOf(kind: RecordKind, { op, id, fields }: MutationDto): Entered | FieldError[] {
  if (!kind.isWritable) return [refusal('not-allowed', 'kind', `Only the service writes ${kind.name}`)];
  if (op === 'delete') return {};
  return op === 'create' ? kind.readAll(fields ?? {}, id) : kind.readSome(fields ?? {}, id);
}

/** Reads as much of a malformed mutation as its client needs to recognise it in the answer. */
function unreadable(plain: unknown, position: number, error: FieldError | undefined): ReadMutation {
  const dto = (typeof plain === 'object' && plain !== null ? plain : {}) as Record<string, unknown>;
  const seq = dto['client_seq'];
  return {
    position,
    mutationId: uuidOrNull(dto['mutation_id']),
    id: uuidOrNull(dto['id']),
    clientSeq: typeof seq === 'number' && Number.isSafeInteger(seq) && seq > 0 ? seq : undefined,
    kindName: typeof dto['kind'] === 'string' ? dto['kind'].slice(0, 32) : '',
    hash: hashOf(dto),
    groupId: uuidOrNull(dto['group_id']) ?? undefined,
    content: refusal(error?.code ?? 'invalid', error?.field ?? '', error?.message ?? 'must be an object'),
  };
}

/**
 * Equal for equal mutations, in any order of their members. The base version is left out, because a retry omits it after
 * versions were numbered again.
 */
const hashOf = (mutation: object, ids: object = {}): string =>
  digest(canonical(Object.assign({}, mutation, ids, { base_version: undefined }))).slice(0, 22);

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

const uuidOrNull = (value: unknown): string | null =>
  typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : null;

export const refusal = (code: string, field: string, message: string): FieldError => ({
  code,
  field: cut(field, MAX_FIELD),
  message: cut(message, 300),
});
