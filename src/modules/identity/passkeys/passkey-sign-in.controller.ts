import { Body, Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { deviceOf } from '../sessions/sessions.service.js';
import { SignedInDto } from '../sessions/sessions.dto.js';
import { SignInSection } from '../sessions/sign-in-section.js';
import { PasskeySignIns } from './passkey-sign-ins.js';
import { PasskeyRequestDto, PasskeySignInDto } from './passkeys.dto.js';

@SignInSection()
@Controller('api/auth/passkeys/sign-in')
@Public('sign-in')
export class PasskeySignInController {
  constructor(private readonly signIns: PasskeySignIns) {}

  @Post('options')
  @Endpoint({
    summary: 'Get passkey sign-in options',
    description:
      'Needs no address, because the device shows its accounts. Send its answer within five minutes.',
    returns: PasskeyRequestDto,
  })
  async beginPasskeySignIn(): Promise<PasskeyRequestDto> {
    return { options: await this.signIns.options() };
  }

  @Post()
  @Endpoint({
    summary: 'Sign in with a passkey',
    description: 'Counts as two factors, so no code is required.',
    returns: SignedInDto,
    errors: ['invalid-passkey', 'account-disabled'],
  })
  signInWithPasskey(@Body() body: PasskeySignInDto, @Req() request: FastifyRequest): Promise<SignedInDto> {
    return this.signIns.signIn(body.response, deviceOf(body, request));
  }
}
