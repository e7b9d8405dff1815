import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { type Actor, CurrentActor, Fresh } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Tokens } from '../sessions/tokens.js';
import { FactorsSection } from './factors-section.js';
import {
  FactorProofDto,
  FactorsDto,
  proofOf,
  RecoveryCodesDto,
  TotpCodeDto,
  TotpConfirmedDto,
  TotpEnrolmentDto,
} from './factors.dto.js';
import { FactorsService } from './factors.service.js';
import { type Confirmed, TotpService } from './totp.service.js';

@FactorsSection()
@Controller('api/auth')
export class FactorsController {
  constructor(
    private readonly factors: FactorsService,
    private readonly totp: TotpService,
    private readonly tokens: Tokens,
  ) {}

  @Get('factors')
  @Endpoint({
    summary: 'Get the sign-in factors',
    description: 'The second factors of the account. Passwords and linked accounts are not included.',
    returns: FactorsDto,
  })
  getFactors(@CurrentActor() actor: Actor): Promise<FactorsDto> {
    return this.factors.overview(actor.userId);
  }

  @Post('totp')
  @Fresh()
  @Endpoint({
    summary: 'Enroll an authenticator app (TOTP)',
    description:
      'Show the answer as a QR code; it is returned only once. No code is required until the enrolment is confirmed. A new call replaces an enrolment that was not confirmed.',
    status: 201,
    returns: TotpEnrolmentDto,
    errors: ['totp-enabled'],
  })
  enrolTotp(@CurrentActor() actor: Actor): Promise<TotpEnrolmentDto> {
    return this.factors.enrol(actor.userId);
  }

  @Post('totp/confirm')
  @Fresh()
  @Endpoint({
    summary: 'Confirm the authenticator app and enable MFA',
    description:
      'Needs a code of the app, which proves that the app has the seed. Every other session ends; use the new access token in this one. The same code does not work again: the next sign-in needs the next code.',
    returns: TotpConfirmedDto,
    errors: ['invalid-code', 'totp-missing', 'too-many-attempts'],
  })
  async confirmTotp(@CurrentActor() actor: Actor, @Body() { code }: TotpCodeDto): Promise<TotpConfirmedDto> {
    return confirmedOf(await this.totp.confirm(actor, code), this.tokens);
  }

  @Delete('totp')
  @Fresh()
  @Endpoint({
    summary: 'Remove the authenticator app and disable MFA',
    description:
      'Needs a code of the app or a recovery code. Every other session ends, and the recovery codes are deleted.',
    status: 204,
    errors: ['invalid-code', 'codes-closed', 'totp-missing', 'too-many-attempts'],
  })
  disableTotp(@CurrentActor() actor: Actor, @Body() body: FactorProofDto): Promise<void> {
    return this.totp.disable(actor, proofOf(body));
  }

  @Post('recovery-codes')
  @Fresh()
  @Endpoint({
    summary: 'Regenerate recovery codes',
    description: 'Needs a code of the app or a recovery code. The old codes no longer work.',
    status: 201,
    returns: RecoveryCodesDto,
    errors: ['invalid-code', 'codes-closed', 'totp-missing', 'too-many-attempts'],
  })
  async renewRecoveryCodes(
    @CurrentActor() actor: Actor,
    @Body() body: FactorProofDto,
  ): Promise<RecoveryCodesDto> {
    return { recoveryCodes: await this.totp.renewCodes(actor, proofOf(body)) };
  }
}

const confirmedOf = ({ session, codes }: Confirmed, tokens: Tokens): TotpConfirmedDto => ({
  ...tokens.accessOnly(session),
  recoveryCodes: codes,
});
