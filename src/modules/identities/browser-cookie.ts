import type { FastifyReply, FastifyRequest } from 'fastify';

/* The cookie that binds a flow to the browser it began in: nobody finishes in their own browser what another began. */

const NAME = 'hale_flow';
const MAX_AGE_SECONDS = 600;

interface Attributes {
  /** Whether the service is reached by https only. */
  readonly isSecure: boolean;
  /** Whether the provider's site makes the browser POST here: no other cookie comes with that. */
  readonly isCrossSite: boolean;
}

export const setBrowser = (reply: FastifyReply, value: string, attributes: Attributes): void =>
  set(reply, value, MAX_AGE_SECONDS, attributes);

export const forgetBrowser = (reply: FastifyReply, attributes: Attributes): void =>
  set(reply, '', 0, attributes);

function set(
  reply: FastifyReply,
  value: string,
  maxAge: number,
  { isSecure, isCrossSite }: Attributes,
): void {
  const parts = [
    `${NAME}=${value}`,
    'Path=/api/auth',
    `Max-Age=${maxAge}`,
    'HttpOnly',
    `SameSite=${isCrossSite ? 'None' : 'Lax'}`,
    ...(isSecure ? ['Secure'] : []),
  ];
  reply.header('Set-Cookie', parts.join('; '));
}

/** Empty where there is none. */
export function browserOf({ headers }: FastifyRequest): string {
  const cookies = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return cookies.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1) ?? '';
}
