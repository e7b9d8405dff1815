import {
  applyDecorators,
  Controller,
  Get,
  Param,
  Post,
  Redirect,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeEndpoint, ApiQuery } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { SignInSection } from '../sessions/sign-in-section.js';
import type { ProviderName } from '../providers/provider.js';
import { AppRequests } from './app-requests.js';
import { BrowserCookie, browserOf, type Destination } from './browser-cookie.js';
import { BrowserFlowService, type ProviderAnswer } from './browser-flow.service.js';
import { EXAMPLE_CHALLENGE, EXAMPLE_LINK } from './identities.dto.js';
import { OfProvider } from './provider-parameter.js';

const parameter = (name: string, description: string, example: string, required = true) =>
  ApiQuery({ name, description, required, schema: { type: 'string', maxLength: 2_048, example } });

/** Documents the query that `AppRequests` reads: RFC 6749 requires 400 for a wrong one. */
const AppQuery = () =>
  applyDecorators(
    parameter(
      'redirect_uri',
      'A link of the app. It must be exactly one of the links that the service is configured with.',
      EXAMPLE_LINK,
    ),
    parameter(
      'code_challenge',
      'The S256 of a `code_verifier` that the app keeps (RFC 7636).',
      EXAMPLE_CHALLENGE,
    ),
    parameter('code_challenge_method', 'Always S256.', 'S256'),
    parameter(
      'ticket',
      'Only in URLs of `POST /api/auth/identities/start`: identifies the person who links.',
      'v1.…',
      false,
    ),
  );

/** Routes for the browser that the app opens: it goes to the provider and returns to the app through the callback. */
@SignInSection()
@Controller('api/auth/:provider')
@Public('sign-in')
@UseInterceptors(BrowserCookie)
export class BrowserFlowController {
  constructor(
    private readonly requests: AppRequests,
    private readonly flow: BrowserFlowService,
  ) {}

  @Get()
  @OfProvider()
  @Redirect()
  @Endpoint({
    summary: 'Start sign-in at a provider (browser redirect)',
    description:
      'Open this URL in the browser of the device. It leads to the provider and ends at `redirect_uri`, with a `code` for `POST /api/auth/oauth/token`, or with an `error` of RFC 6749: `access_denied`, `server_error`, `temporarily_unavailable`.',
    status: 302,
    errors: [
      'redirect-not-allowed',
      'malformed-request',
      'sign-in-flow-broken',
      'provider-unavailable',
      'not-found',
    ],
  })
  @AppQuery()
  startSignIn(
    @Param('provider') provider: ProviderName,
    @Req() request: FastifyRequest,
  ): Promise<Destination> {
    return this.flow.start(this.requests.read(provider, request.query as Record<string, unknown>));
  }

  /** Providers send the browser here with a query. */
  @Get('callback')
  @OfProvider()
  @Redirect()
  @ApiExcludeEndpoint()
  finishSignIn(
    @Param('provider') provider: ProviderName,
    @Req() request: FastifyRequest,
  ): Promise<Destination> {
    return this.flow.finish(provider, request.query as ProviderAnswer, browserOf(request));
  }

  /** The same with a form: a POST from another site. The 303 answer makes it a GET and drops the form. */
  @Post('callback')
  @OfProvider()
  @RouteConfig({ takesForm: true })
  @Redirect('', 303)
  @ApiExcludeEndpoint()
  finishPostedSignIn(
    @Param('provider') provider: ProviderName,
    @Req() request: FastifyRequest,
  ): Promise<Destination> {
    return this.flow.finish(provider, (request.body ?? {}) as ProviderAnswer, browserOf(request));
  }
}
