import { Body, Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { deviceOf, SignedInDto, SignInSection } from '../sessions/public.js';
import { ChallengeService } from './challenge.service.js';
import { AnswerChallengeDto, proofOf } from './factors.dto.js';

@SignInSection()
@Controller('api/auth/challenge')
@Public('who answers a challenge has no token yet')
export class ChallengeController {
  constructor(private readonly challenges: ChallengeService) {}

  @Post()
  @Endpoint({
    summary: 'Give the second proof',
    description:
      'Ends a sign-in that was answered with a challenge. After 5 wrong codes the challenge is dead, and the account waits for up to 15 minutes.',
    returns: SignedInDto,
    errors: ['invalid-code', 'challenge-expired', 'too-many-attempts', 'account-disabled'],
  })
  answerChallenge(@Body() body: AnswerChallengeDto, @Req() request: FastifyRequest): Promise<SignedInDto> {
    return this.challenges.answer(body.challenge, proofOf(body), deviceOf(body, request));
  }
}
