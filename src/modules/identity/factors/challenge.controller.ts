import { Body, Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { deviceOf } from '../sessions/sessions.service.js';
import { SignedInDto } from '../sessions/sessions.dto.js';
import { SignInSection } from '../sessions/sign-in-section.js';
import { ChallengeService } from './challenge.service.js';
import { AnswerChallengeDto, proofOf } from './factors.dto.js';

@SignInSection()
@Controller('api/auth/challenge')
@Public('the person answers a challenge and has no token yet')
export class ChallengeController {
  constructor(private readonly challenges: ChallengeService) {}

  @Post()
  @Endpoint({
    summary: 'Answer the MFA challenge',
    description:
      'Completes a sign-in that was answered with a challenge. After 5 wrong codes the challenge is void, and the account is locked for up to 15 minutes, but not for a device on which it was signed in before (by its `device_id`). After 50 wrong codes in a row codes of the app are refused; recovery codes are not.',
    returns: SignedInDto,
    errors: ['invalid-code', 'codes-closed', 'challenge-expired', 'too-many-attempts', 'account-disabled'],
  })
  answerChallenge(@Body() body: AnswerChallengeDto, @Req() request: FastifyRequest): Promise<SignedInDto> {
    return this.challenges.answer(body.challenge, proofOf(body), deviceOf(body, request));
  }
}
