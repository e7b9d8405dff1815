import { Global, Injectable, type LoggerService, Module } from '@nestjs/common';
import { type DestinationStream, type Logger as Pino, pino } from 'pino';
import { Config } from '../config/config.js';

/** Only these fields are logged. All other fields are dropped, because they may contain personal data. */
const ALLOWED = new Set([
  'request_id',
  'method',
  'route',
  'status',
  'duration_ms',
  'user_id',
  'session_id',
  'error',
  'code',
  'frames',
  'migrations',
  'url',
  'signal',
  'component',
  'event',
]);

/** Writes JSON lines to standard output, only with allowed fields: no token, password, e-mail address or health value. */
@Injectable()
export class Logger implements LoggerService {
  private readonly pino: Pino;

  constructor(config: Config, destination?: DestinationStream) {
    this.pino = pino(
      { level: config.env.LOG_LEVEL, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      destination ?? pino.destination(1),
    );
  }

  info(fields: object, message: string): void {
    this.pino.info(allowed(fields), message);
  }

  warn(fields: object | string, message?: string): void {
    this.pino.warn(allowed(fields), message ?? 'warning');
  }

  error(fields: object | string, message?: string): void {
    this.pino.error(allowed(fields), message ?? 'error');
  }

  debug(fields: object | string, message?: string): void {
    this.pino.debug(allowed(fields), message ?? 'debug');
  }

  /* The methods that Nest calls. Its messages contain only names of classes and routes; errors come as text with a stack. */
  log(message: string, component?: string): void {
    this.pino.debug({ component }, message);
  }

  fatal(fields: object | string): void {
    this.pino.fatal(allowed(fields), 'fatal');
  }
}

function allowed(fields: object | string): object {
  const passed: Record<string, unknown> = {};
  if (typeof fields === 'string') return passed;
  for (const name of Object.keys(fields))
    if (ALLOWED.has(name)) passed[name] = (fields as Readonly<Record<string, unknown>>)[name];
  return passed;
}

/**
 * The parts of an error that may be logged: its class, its code, and where it was thrown. Never its message, because a
 * driver's message quotes the row that was refused.
 */
export function describeError(error: unknown): { error: string; code?: string; frames?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error };
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  const frames = framesOf(error);
  return {
    error: error.constructor.name,
    ...(code ? { code } : {}),
    ...(frames.length > 0 ? { frames } : {}),
  };
}

/** The stack frames. They are read after the message, because a message may have lines that look like frames. */
function framesOf({ stack = '', message }: Error): string[] {
  const start = stack.indexOf(message);
  if (start < 0) return [];
  return stack
    .slice(start + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
}

@Global()
@Module({
  providers: [{ provide: Logger, inject: [Config], useFactory: (config: Config) => new Logger(config) }],
  exports: [Logger],
})
export class LoggerModule {}
