import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { type Actor, CurrentActor, Fresh } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Tokens } from '../sessions/public.js';
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
import { TotpService } from './totp.service.js';

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
    summary: 'See what I can sign in with',
    description: 'Besides a password and linked accounts.',
    returns: FactorsDto,
  })
  getFactors(@CurrentActor() actor: Actor): Promise<FactorsDto> {
    return this.factors.overview(actor.userId);
  }

  @Post('totp')
  @Fresh()
  @Endpoint({
    summary: 'Set up an authenticator app',
    description:
      'Show the answer as a QR code; it does not come again. Nothing is asked for until a code was confirmed, and a new call replaces an enrolment that was not.',
    status: 201,
    returns: TotpEnrolmentDto,
    errors: ['totp-enabled'],
  })
  async enrolTotp(@CurrentActor() actor: Actor): Promise<TotpEnrolmentDto> {
    const { secret, uri } = await this.factors.enrol(actor.userId);
    return { secret, otpauth_uri: uri };
  }

  @Post('totp/confirm')
  @Fresh()
  @Endpoint({
    summary: 'Ask for a code at every sign-in',
    description:
      'With a code of the app, which shows that it has the seed. Every other session ends; use the new access token in this one. The code does not work again: the next sign-in needs the next one.',
    returns: TotpConfirmedDto,
    errors: ['invalid-code', 'totp-missing', 'too-many-attempts'],
  })
  async confirmTotp(@CurrentActor() actor: Actor, @Body() { code }: TotpCodeDto): Promise<TotpConfirmedDto> {
    const { session, codes } = await this.totp.confirm(actor, code);
    return { ...this.tokens.accessOnly(session), recovery_codes: codes };
  }

  @Delete('totp')
  @Fresh()
  @Endpoint({
    summary: 'Ask for no code any more',
    description:
      'With a code of the app or a recovery code. Every other session ends; recovery codes go too.',
    status: 204,
    errors: ['invalid-code', 'totp-missing', 'too-many-attempts'],
  })
  disableTotp(@CurrentActor() actor: Actor, @Body() body: FactorProofDto): Promise<void> {
    return this.totp.disable(actor, proofOf(body));
  }

  @Post('recovery-codes')
  @Fresh()
  @Endpoint({
    summary: 'Make new recovery codes',
    description: 'With a code of the app or a recovery code. The old ones work no more.',
    status: 201,
    returns: RecoveryCodesDto,
    errors: ['invalid-code', 'totp-missing', 'too-many-attempts'],
  })
  async renewRecoveryCodes(
    @CurrentActor() actor: Actor,
    @Body() body: FactorProofDto,
  ): Promise<RecoveryCodesDto> {
    return { recovery_codes: await this.totp.renewCodes(actor, proofOf(body)) };
  }
}
