import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';

/** Routes that need no token; the reason is given at each. */
const OPEN = [
  'POST /api/auth/register',
  'POST /api/auth/login',
  'POST /api/auth/refresh',
  'POST /api/auth/logout',
  'POST /api/auth/verify-email',
  'POST /api/auth/verify-email/resend',
  'POST /api/auth/confirm-email',
  'POST /api/auth/forgot-password',
  'POST /api/auth/reset-password',
  'POST /api/auth/challenge',
  'POST /api/auth/passkeys/sign-in',
  'POST /api/auth/passkeys/sign-in/options',
  'GET /api/auth/providers',
  'GET /api/auth/{provider}',
  'POST /api/auth/{provider}',
  'POST /api/auth/oauth/token',
];
/** Routes whose empty request is not refused for missing fields. */
const ANSWERS: Readonly<Record<string, number>> = {
  'POST /api/auth/passkeys/sign-in/options': 200,
  'GET /api/auth/providers': 200,
  'GET /api/auth/{provider}': 400,
};

describe.runIf(hasDatabase())('access', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('every documented route except sign-in needs a token', async () => {
    const { body: document } = await app.api.get('/openapi.json');
    const routes = Object.entries<object>(document['paths']).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes).toEqual(expect.arrayContaining(OPEN));
    for (const route of routes) {
      const [method = '', path = ''] = route
        .replace('{id}', '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33')
        .replace('{provider}', 'google')
        .split(' ');
      const { status, body } = await app.api.send(method, path, method === 'GET' ? undefined : {});
      if (OPEN.includes(route)) expect([route, status]).toEqual([route, ANSWERS[route] ?? 422]);
      else expect([route, status, body['type']]).toEqual([route, 401, '/problems/unauthenticated']);
    }
  });
});
