import { Body, Controller, Post } from '@nestjs/common';
import { type Actor, CurrentActor, EvenUnverified } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { proofIfAny } from '../factors/factors.dto.js';
import { AccessTokenDto } from '../sessions/sessions.dto.js';
import { SignInSection } from '../sessions/sign-in-section.js';
import { ConfirmDto } from './auth.dto.js';
import { ReauthService } from './reauth.service.js';

@SignInSection()
@EvenUnverified()
@Controller('api/auth/reauth')
export class ReauthController {
  constructor(private readonly proofs: ReauthService) {}

  @Post()
  @Endpoint({
    summary: 'Re-authenticate',
    description:
      'For ten minutes the new access token may call operations that otherwise answer `step-up-required`. The refresh token does not change. An account with an authenticator app must also send `code` or `recovery_code`.',
    returns: AccessTokenDto,
    errors: ['password-incorrect', 'invalid-code', 'codes-closed', 'too-many-attempts'],
  })
  reauth(@CurrentActor() actor: Actor, @Body() body: ConfirmDto): Promise<AccessTokenDto> {
    return this.proofs.reauth(actor, body.password, proofIfAny(body));
  }
}
