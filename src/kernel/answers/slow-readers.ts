import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import { Logger } from '../../platform/logger.js';
import { addressBudget, personBudget } from '../throttle/budget.js';
import { closeConnection, onAnswerEnd } from './answer-end.js';
import { AnswerMemory } from './answer-memory.js';
import type { HeldAnswer } from './held-answer.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The memory of the answer. A list took it before its rows were read. */
    heldAnswer?: HeldAnswer;
    /** Whether the answer is being sent. */
    isAnswered?: boolean;
  }
}

/** Time for an answer is given in steps of so many bytes, because Node keeps one list of timers for each duration. */
const STEP_BYTES = 65_536;

/**
 * Requests of one connection that may be under way. Node handles everything that a client has sent at once, also when it reads no
 * answer; nobody but a program that attacks sends so much ahead.
 */
const MOST_PIPELINED = 32;

/** The longest time of a timer: a longer one would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** What the client of a connection has not taken. */
interface Untaken {
  /** Requests that arrived and whose answers are not taken. */
  requests: number;
  /** Bytes of answers. */
  bytes: number;
}

/** The person whose memory an answer uses, or the address of somebody who is not signed in. */
export const clientOf = (request: FastifyRequest): string =>
  request.user ? personBudget(request.user) : addressBudget(request);

/**
 * Closes the connections of clients that do not read their answers: when a client takes nothing for `ANSWER_TIMEOUT`, or
 * when it has not taken the whole answer after the time that it needs at `ANSWER_MIN_RATE`, or when others need the memory.
 * Sockets have their own limits.
 */
@Injectable()
export class SlowReaders {
  private readonly timeout: number;
  private readonly stepMs: number;
  private readonly connections = new WeakMap<Socket, Untaken>();

  constructor(
    { env }: Config,
    private readonly memory: AnswerMemory,
    private readonly logger: Logger,
  ) {
    this.timeout = env.ANSWER_TIMEOUT;
    this.stepMs = (STEP_BYTES / env.ANSWER_MIN_RATE) * 1_000;
  }

  /**
   * For a Fastify `onRequest` hook. Closes the connection of a client that sends many requests without reading answers.
   * @returns false when the request must not be handled
   */
  arrive(request: FastifyRequest): boolean {
    const { socket } = request.raw;
    const untaken = this.untakenOn(socket);
    untaken.requests++;
    if (untaken.requests <= MOST_PIPELINED) return true;
    if (!socket.destroyed) this.cut(request);
    return false;
  }

  /** For a Fastify `onSend` hook, before the answer is compressed. It runs once more when a later hook fails. */
  watch(request: FastifyRequest, reply: FastifyReply, payload: unknown): void {
    const bytes = sizeOf(payload);
    if (request.isAnswered) return this.resize(request, bytes);
    request.isAnswered = true;
    forgetBody(request);
    const cut = (): void => this.cut(request);
    // That of a refused request was given back when it was refused.
    if (request.heldAnswer && !request.heldAnswer.isReleased)
      this.memory.written(request.heldAnswer, bytes, cut);
    else request.heldAnswer = this.memory.holdWritten(clientOf(request), bytes, cut);
    const { heldAnswer } = request;
    // Node looks once in this time whether the client takes something, and sets another time when the answer is taken.
    reply.raw.setTimeout(this.timeout, cut);
    const length = Math.max(bytes, Number(reply.getHeader('content-length') ?? 0));
    const untaken = this.untakenOn(request.raw.socket);
    // What the connection still holds of earlier answers is taken first.
    untaken.bytes += length;
    const steps = Math.ceil(untaken.bytes / STEP_BYTES);
    const deadline = setTimeout(cut, Math.min(this.timeout + steps * this.stepMs, LONGEST_MS)).unref();
    onAnswerEnd(request, reply, () => {
      clearTimeout(deadline);
      untaken.bytes -= length;
      untaken.requests--;
      heldAnswer.release();
    });
  }

  /** The answer takes another number of bytes, because it is compressed. */
  resize({ heldAnswer }: FastifyRequest, bytes: number): void {
    if (heldAnswer) this.memory.resize(heldAnswer, bytes);
  }

  private untakenOn(socket: Socket): Untaken {
    const untaken = this.connections.get(socket) ?? { requests: 0, bytes: 0 };
    this.connections.set(socket, untaken);
    return untaken;
  }

  private cut({ id, raw, routeOptions }: FastifyRequest): void {
    this.logger.warn({ request_id: id, route: routeOptions.url ?? 'none' }, 'answer_not_read');
    closeConnection(raw.socket);
  }
}

/** Nothing reads it any more, and a client that does not take its answer would hold it: as objects it is several times as large. */
function forgetBody(request: FastifyRequest): void {
  request.body = undefined;
  delete request.rawBody;
}

/** A stream holds little more than one chunk. */
const STREAM_BYTES = 65_536;

function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  if (Buffer.isBuffer(payload)) return payload.length;
  return payload ? STREAM_BYTES : 0;
}
