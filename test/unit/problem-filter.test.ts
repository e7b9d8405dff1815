import type { ArgumentsHost } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { expect, it, vi } from 'vitest';
import { ProblemFilter } from '../../src/kernel/http/problem.filter.js';
import type { Logger } from '../../src/platform/logger.js';

it.each([
  {
    what: 'a client that left before its answer was sent',
    code: 'ERR_STREAM_PREMATURE_CLOSE',
    left: true,
    lines: 0,
  },
  { what: 'a stream that broke by itself', code: 'ERR_STREAM_PREMATURE_CLOSE', left: false, lines: 1 },
  { what: 'a defect, also when the client has left', code: 'ERR_OTHER', left: true, lines: 1 },
])('$what: $lines errors in the log', ({ code, left, lines }) => {
  const log = { error: vi.fn<Logger['error']>() };
  const reply = { status: () => reply, header: () => reply, send: () => reply } as unknown as FastifyReply;
  const request = {
    id: 'request-1',
    url: '/api/x',
    headers: {},
    raw: { headers: {}, socket: { destroyed: left } },
  } as FastifyRequest;
  const http = { getRequest: () => request, getResponse: () => reply };
  const host = { switchToHttp: () => http } as unknown as ArgumentsHost;
  new ProblemFilter(log as unknown as Logger).catch(Object.assign(new Error('broken'), { code }), host);
  expect(log.error).toHaveBeenCalledTimes(lines);
});
