import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { WireRequest } from './wire.js';

/** Signs a request with an API key that requires it: docs/api-keys.md. */
export function signed(request: WireRequest, keyId: string, secret: string): WireRequest {
  const { method, target, body } = request;
  const at = target.indexOf('?');
  const [path, query] = at < 0 ? [target, '?'] : [target.slice(0, at), target.slice(at)];
  const digest = body && `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
  const covered: [string, string][] = [
    ['@method', method],
    ['@path', path],
    ['@query', query],
    ...(digest === undefined ? [] : [['content-digest', digest] as [string, string]]),
  ];
  const created = Math.floor(Date.now() / 1_000);
  const names = covered.map(([name]) => `"${name}"`).join(' ');
  const input = `(${names});created=${created};keyid="${keyId}";nonce="${randomUUID()}"`;
  const base = [
    ...covered.map(([name, value]) => `"${name}": ${value}`),
    `"@signature-params": ${input}`,
  ].join('\n');
  const mac = createHmac('sha256', secret).update(base).digest('base64');
  return {
    ...request,
    headers: {
      ...request.headers,
      ...(digest === undefined ? {} : { 'content-digest': digest }),
      'signature-input': `sig=${input}`,
      signature: `sig=:${mac}:`,
    },
  };
}
