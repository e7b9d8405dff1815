import fastifyHelmet from '@fastify/helmet';
import { fastify } from 'fastify';

const helmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      frameAncestors: ["'none'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
  referrerPolicy: { policy: 'no-referrer' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  xFrameOptions: { action: 'deny' },
} as const;

const OF_THE_ANSWER = new Set(['connection', 'content-length', 'date']);

/** Helmet computes the same headers for each answer, so it is asked once, for an answer of an application of its own. */
async function readHeaders(): Promise<Record<string, string>> {
  const application = fastify();
  await application.register(fastifyHelmet, helmetOptions);
  application.get('/', (_request, reply) => reply.send());
  const { headers } = await application.inject('/');
  await application.close();
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      OF_THE_ANSWER.has(name) ? [] : [[name, String(value)]],
    ),
  );
}

/** The security headers of every answer, also of those that no hook of Fastify sees. */
export const securityHeaders: Readonly<Record<string, string>> = await readHeaders();
