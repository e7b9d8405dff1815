import { Body, Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { deviceOf, SignedInDto, SignInSection } from '../sessions/public.js';
import { PasskeySignIns } from './passkey-sign-ins.js';
import { PasskeyRequestDto, PasskeySignInDto } from './passkeys.dto.js';

@SignInSection()
@Controller('api/auth/passkeys/sign-in')
@Public('this is where one gets in with a passkey')
export class PasskeySignInController {
  constructor(private readonly signIns: PasskeySignIns) {}

  @Post('options')
  @Endpoint({
    summary: 'Begin to sign in with a passkey',
    description:
      'Needs no address: the device shows which accounts it has. Send what it answers within five minutes.',
    returns: PasskeyRequestDto,
  })
  async beginPasskeySignIn(): Promise<PasskeyRequestDto> {
    return { options: await this.signIns.options() };
  }

  @Post()
  @Endpoint({
    summary: 'Sign in with a passkey',
    description: 'Counts as two factors: no code is asked for.',
    returns: SignedInDto,
    errors: ['invalid-passkey', 'account-disabled'],
  })
  signInWithPasskey(@Body() body: PasskeySignInDto, @Req() request: FastifyRequest): Promise<SignedInDto> {
    return this.signIns.signIn(body.response, deviceOf(body, request));
  }
}
