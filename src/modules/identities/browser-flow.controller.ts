import { applyDecorators, Controller, Get, Param, Post, Query, Redirect, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeEndpoint, ApiQuery } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import { Public } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { SignInSection } from '../sessions/public.js';
import type { ProviderName } from '../providers/public.js';
import { AppRequests } from './app-requests.js';
import { browserOf, forgetBrowser, setBrowser } from './browser-cookie.js';
import { BrowserFlowService, type ProviderAnswer } from './browser-flow.service.js';
import { EXAMPLE_CHALLENGE, EXAMPLE_LINK } from './identities.dto.js';
import { OfProvider } from './provider-parameter.js';

interface Destination {
  readonly url: string;
}

const parameter = (name: string, description: string, example: string, required = true) =>
  ApiQuery({ name, description, required, schema: { type: 'string', maxLength: 2_048, example } });

/** Documents what `AppRequests` reads: a wrong one is 400 here, as RFC 6749 has it. */
const AppQuery = () =>
  applyDecorators(
    parameter(
      'redirect_uri',
      'A link of the app, to the letter one of those the service is set up with.',
      EXAMPLE_LINK,
    ),
    parameter(
      'code_challenge',
      'The S256 of a `code_verifier` that the app keeps (RFC 7636).',
      EXAMPLE_CHALLENGE,
    ),
    parameter('code_challenge_method', 'Always S256.', 'S256'),
    parameter('ticket', 'Only in addresses of `POST /api/auth/identities/start`: who links.', 'v1.…', false),
  );

/** For a browser that the app has opened: it goes to the provider, and comes back to the app by way of here. */
@SignInSection()
@Controller('api/auth/:provider')
@Public('this is where one gets in')
export class BrowserFlowController {
  constructor(
    private readonly requests: AppRequests,
    private readonly flow: BrowserFlowService,
    private readonly config: Config,
  ) {}

  @Get()
  @OfProvider()
  @Redirect()
  @Endpoint({
    summary: 'Sign in at a provider, in the browser',
    description:
      'Open it in the browser of the device. It leads to the provider and ends at `redirect_uri`, with a `code` for `POST /api/auth/oauth/token`, or with an `error` of RFC 6749: `access_denied`, `server_error`, `temporarily_unavailable`.',
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
  async startSignIn(
    @Param('provider') provider: ProviderName,
    @Query() asked: Record<string, unknown>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Destination> {
    const { url, browser } = await this.flow.start(this.requests.read(provider, asked));
    setBrowser(reply, browser, this.attributesFor(provider));
    return { url };
  }

  /** Where providers send the browser back to, with a query. */
  @Get('callback')
  @OfProvider()
  @Redirect()
  @ApiExcludeEndpoint()
  async finishSignIn(
    @Param('provider') provider: ProviderName,
    @Query() answer: ProviderAnswer,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Destination> {
    return this.finish(provider, answer, request, reply);
  }

  /** The same with a form: a POST from another site. 303 makes it a GET again, and leaves the form behind. */
  @Post('callback')
  @OfProvider()
  @RouteConfig({ takesForm: true })
  @Redirect('', 303)
  @ApiExcludeEndpoint()
  finishPostedSignIn(
    @Param('provider') provider: ProviderName,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Destination> {
    return this.finish(provider, (request.body ?? {}) as ProviderAnswer, request, reply);
  }

  private async finish(
    provider: ProviderName,
    answer: ProviderAnswer,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Destination> {
    const url = await this.flow.finish(provider, answer, browserOf(request));
    forgetBrowser(reply, this.attributesFor(provider));
    return { url };
  }

  private attributesFor(provider: ProviderName) {
    return {
      isSecure: this.config.env.PUBLIC_URL.startsWith('https:'),
      isCrossSite: provider === 'apple',
    };
  }
}
