import { Body, Controller, Post } from '@nestjs/common';
import { Public } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { RefreshService } from './refresh.service.js';
import { RefreshDto, TokensDto } from './sessions.dto.js';
import { SignInSection } from './sign-in-section.js';

@SignInSection()
@Controller('api/auth')
@Public('the refresh token says who it is')
export class RefreshController {
  constructor(private readonly tokens: RefreshService) {}

  @Post('refresh')
  @Endpoint({
    summary: 'Get new tokens',
    description:
      'Store the new pair durably before using it, and refresh one at a time. After a lost response repeat the call with the same token: the same successor comes again.',
    returns: TokensDto,
    errors: ['invalid-refresh-token', 'session-expired', 'session-revoked', 'token-reused'],
  })
  refresh(@Body() body: RefreshDto): Promise<TokensDto> {
    return this.tokens.refresh(body.refresh_token);
  }

  @Post('logout')
  @Endpoint({
    summary: 'Sign out on this device',
    description: 'Both tokens are refused from now on. Needs no access token, and may be repeated.',
    status: 204,
    errors: ['invalid-refresh-token'],
  })
  logout(@Body() body: RefreshDto): Promise<void> {
    return this.tokens.logout(body.refresh_token);
  }
}
