export type { RefusedEdit } from './attention.js';
export type { Choice, Conflict } from './conflicts.js';
export type { Exported } from './export.js';
export { createClient, Hale, type Options } from './hale.js';
export type * from './kinds.generated.js';
export type { Edit } from './outbox.js';
export { HaleError, ProblemError, Unreachable } from './problem.js';
export type { RealtimeState } from './realtime.js';
export type { EditOf, Item, QueryOf, Records } from './records.js';
export type { CycleReport } from './report.js';
export { type Runtime, systemRuntime } from './runtime.js';
export { type Socket, type SocketFactory } from './sockets.js';
export type { components, paths } from './schema.js';
export type {
  AskSecondFactor,
  GetPasskey,
  Login,
  Registration,
  SecondFactor,
  SignInMethod,
} from './sign-in.js';
export type { Loaded } from './live.js';
export type { Query } from './query.js';
export type { FieldProblem, KindDefinition, Rule } from './rules.js';
export type { Session, User } from './session.js';
export type { Observable } from './signal.js';
export type { Phase, State } from './state.js';
export type { Status } from './status.js';
export { IndexedDbStorage } from './storage/indexed-db.js';
export { type AsyncStorageLike, PhoneStorage } from './storage/async-storage.js';
export { MemoryStorage } from './storage/memory.js';
export type { Storage, Transaction } from './storage/storage.js';
export type { Change, ConflictData, ConflictSide, Fields, Mutation, Operation, Refusal } from './wire.js';
