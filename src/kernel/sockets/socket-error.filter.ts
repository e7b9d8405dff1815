import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { describeError, Logger } from '../../platform/logger.js';
import { asProblem } from '../http/problem.filter.js';
import { Problem } from '../http/problem.js';
import type { SocketConnection } from './socket-connection.js';

/** Answers an error of a handler with an error frame, which has a code of the catalogue. The socket stays open. */
@Catch()
export class SocketErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const context = host.switchToWs();
    this.answer(context.getClient<SocketConnection>(), context.getPattern(), error);
  }

  /** @param to the message that failed */
  answer(socket: SocketConnection, to: string, error: unknown): void {
    const problem = error instanceof WsException ? refusalOf(error) : asProblem(error);
    if (problem.status >= 500)
      this.logger.error({ component: 'sockets', ...describeError(error) }, problem.code);
    const { detail, errors } = problem.options;
    socket.send({
      t: 'error',
      code: problem.code,
      to,
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { errors }),
    });
  }
}

/** The error that Nest throws when a guard returns false. */
const refusalOf = ({ message }: WsException): Problem => new Problem('forbidden', { detail: message });
