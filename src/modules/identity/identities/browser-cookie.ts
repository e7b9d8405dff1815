import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, tap } from 'rxjs';
import { Config } from '../../../config/config.js';

/* The cookie that ties a flow to the browser that began it, so that nobody can finish it in another browser. */

const NAME = 'hale_flow';
const MAX_AGE_SECONDS = 600;

/** Where the browser goes next. */
export interface Destination {
  readonly url: string;
  /** The value of the cookie; null removes it. */
  readonly browser: string | null;
}

/** Sets or removes the cookie with the redirect that the handler returns. */
@Injectable()
export class BrowserCookie implements NestInterceptor<Destination> {
  private readonly secure: readonly string[];

  constructor({ env }: Config) {
    this.secure = env.PUBLIC_URL.startsWith('https:') ? ['Secure'] : [];
  }

  intercept(context: ExecutionContext, next: CallHandler<Destination>): Observable<Destination> {
    const http = context.switchToHttp();
    const { params } = http.getRequest<FastifyRequest<{ Params: { provider: string } }>>();
    const reply = http.getResponse<FastifyReply>();
    return next
      .handle()
      .pipe(tap(({ browser }) => void reply.header('Set-Cookie', this.cookie(browser, params.provider))));
  }

  private cookie(browser: string | null, provider: string): string {
    return [
      `${NAME}=${browser ?? ''}`,
      'Path=/api/auth',
      `Max-Age=${browser === null ? 0 : MAX_AGE_SECONDS}`,
      'HttpOnly',
      // Apple sends the browser back by a POST from its own site: then only a `SameSite=None` cookie is sent along.
      `SameSite=${provider === 'apple' ? 'None' : 'Lax'}`,
      ...this.secure,
    ].join('; ');
  }
}

/** Empty if there is none. */
export function browserOf({ headers }: FastifyRequest): string {
  const cookies = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return cookies.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1) ?? '';
}
