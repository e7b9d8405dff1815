import type { RecordCatalog } from '../../kernel/records/catalog.js';
import type { FieldError } from '../../kernel/http/problem.js';
import { validate } from '../../kernel/http/validation.js';
import { canonical } from '../../kernel/records/canonical.js';
import type { Entered } from '../../kernel/records/record.js';
import type { RecordKind } from '../../kernel/records/record-kind.js';
import { MutationDto } from './push.dto.js';
import { digest } from '../../platform/random-token.js';

/** A mutation as far as it could be read. */
export interface ReadMutation {
  /** The place in the request. */
  readonly position: number;
  readonly mutationId: string | null;
  readonly id: string | null;
  readonly clientSeq: number | undefined;
  readonly kindName: string;
  readonly hash: string;
  readonly groupId: string | undefined;
  /** What to do, or why not. */
  readonly content: Mutation | FieldError;
}

export interface Mutation {
  readonly kind: RecordKind;
  readonly id: string;
  readonly op: 'create' | 'update' | 'delete';
  readonly entered: Entered;
  readonly baseVersion: number | undefined;
  readonly modifiedAt: Date;
}

export const isRefused = (content: Mutation | FieldError): content is FieldError => 'code' in content;

/** Judges each mutation by itself: one that is not valid is named, the others go on. */
export const readMutations = (catalog: RecordCatalog, mutations: readonly unknown[]): ReadMutation[] =>
  mutations.map((plain, position) => readMutation(catalog, plain, position));

function readMutation(catalog: RecordCatalog, plain: unknown, position: number): ReadMutation {
  const dto = validate(MutationDto, plain);
  if (Array.isArray(dto)) return unreadable(plain, position, dto[0]);
  return {
    position,
    mutationId: dto.mutation_id,
    id: dto.id,
    clientSeq: dto.client_seq,
    kindName: dto.kind,
    hash: hashOf(dto),
    groupId: dto.group_id ?? undefined,
    content: contentOf(catalog, dto),
  };
}

function contentOf(catalog: RecordCatalog, dto: MutationDto): Mutation | FieldError {
  const kind = catalog.find(dto.kind);
  if (!kind) return refusal('unknown-kind', 'kind', 'This service does not know the kind');
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
    baseVersion: dto.base_version ?? undefined,
    modifiedAt: new Date(dto.modified_at),
  };
}

function enteredOf(kind: RecordKind, { op, fields }: MutationDto): Entered | FieldError[] {
  if (!kind.isWritable) return [refusal('not-allowed', 'kind', `${kind.name} is written by the service`)];
  if (op === 'delete') return {};
  return op === 'create' ? kind.readAll(fields ?? {}) : kind.readSome(fields ?? {});
}

/** What is known of a mutation that has the wrong shape: enough for its client to find it again. */
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
 * The same for the same mutation, whatever order its members come in. The version it was made on is no part of it: a
 * retry leaves it out when versions have come to count anew.
 */
const hashOf = (mutation: object): string =>
  digest(canonical({ ...mutation, base_version: undefined })).slice(0, 22);

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

const uuidOrNull = (value: unknown): string | null =>
  typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : null;

export const refusal = (code: string, field: string, message: string): FieldError => ({
  code,
  field: field.slice(0, 64),
  message: message.slice(0, 300),
});
