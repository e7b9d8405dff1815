import { Body, Controller, Post } from '@nestjs/common';
import { Public } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { RefreshService } from './refresh.service.js';
import { RefreshDto, RefreshOnceDto, TokensDto } from './sessions.dto.js';
import { SignInSection } from './sign-in-section.js';

@SignInSection()
@Controller('api/auth')
@Public('the refresh token identifies the session')
export class RefreshController {
  constructor(private readonly tokens: RefreshService) {}

  @Post('refresh')
  @Endpoint({
    summary: 'Refresh tokens',
    description:
      'Create a random `nonce`, store it with the token, then send both. Store the new pair durably before using it, and refresh one request at a time. If the response is lost, repeat the call with the same token and the same nonce, however late: it returns the same new refresh token. A used token with another nonce, or without the nonce it was used with, ends the session: `token-reused`. Without a nonce a copied token may stay unnoticed until both holders have used their tokens.',
    returns: TokensDto,
    errors: ['invalid-refresh-token', 'session-expired', 'session-revoked', 'token-reused'],
  })
  refresh(@Body() body: RefreshOnceDto): Promise<TokensDto> {
    return this.tokens.refresh(body.refreshToken, body.nonce);
  }

  @Post('logout')
  @Endpoint({
    summary: 'Sign out',
    description: 'Both tokens are refused from now on. Needs no access token and may be repeated.',
    status: 204,
    errors: ['invalid-refresh-token'],
  })
  logout(@Body() body: RefreshDto): Promise<void> {
    return this.tokens.logout(body.refreshToken);
  }
}
