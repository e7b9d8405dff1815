import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import { Logger } from '../../platform/logger.js';
import { addressBudget, personBudget } from '../throttle/budget.js';
import { onAnswerEnd } from './answer-end.js';
import { AnswerMemory, type HeldAnswer } from './answer-memory.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The memory that a list took before its rows were read. */
    heldAnswer?: HeldAnswer;
  }
}

/** Time for an answer is given in steps of so many bytes, because Node keeps one list of timers for each duration. */
const STEP_BYTES = 65_536;

/** The longest time of a timer: a longer one would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The person whose memory an answer uses, or the address of somebody who is not signed in. */
export const clientOf = (request: FastifyRequest): string =>
  request.user ? personBudget(request.user) : addressBudget(request);

/**
 * Closes the connections of clients that do not read their answers: when a client takes nothing for `ANSWER_TIMEOUT`, or
 * when it has not taken the whole answer after the time that it needs at `ANSWER_MIN_RATE`. Sockets have their own limits.
 */
@Injectable()
export class SlowReaders {
  private readonly timeout: number;
  private readonly stepMs: number;

  constructor(
    { env }: Config,
    private readonly memory: AnswerMemory,
    private readonly logger: Logger,
  ) {
    this.timeout = env.ANSWER_TIMEOUT;
    this.stepMs = (STEP_BYTES / env.ANSWER_MIN_RATE) * 1_000;
  }

  /** For a Fastify `onSend` hook, before the answer is compressed. */
  watch(request: FastifyRequest, reply: FastifyReply, payload: unknown): void {
    const { raw } = reply;
    const bytes = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
    const answer = request.heldAnswer ?? this.memory.holdWritten(clientOf(request), bytes);
    if (request.heldAnswer) answer.written(bytes);
    const cut = (): void => this.cut(request);
    // Node looks once in this time whether the client takes something, and sets another time when the answer is taken.
    raw.setTimeout(this.timeout, cut);
    // What the connection still holds of an earlier answer is taken first.
    const steps = Math.ceil((bytes + (raw.socket?.writableLength ?? 0)) / STEP_BYTES);
    const deadline = setTimeout(cut, Math.min(this.timeout + steps * this.stepMs, LONGEST_MS)).unref();
    onAnswerEnd(request, reply, () => {
      clearTimeout(deadline);
      answer.release();
    });
  }

  private cut({ id, raw, routeOptions }: FastifyRequest): void {
    this.logger.warn({ request_id: id, route: routeOptions.url ?? 'none' }, 'answer_not_read');
    raw.socket.destroy();
  }
}
