import { applyDecorators, HttpStatus } from '@nestjs/common';
import type { ErrorCode } from '../../../kernel/http/errors.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { StatusOf } from '../../../kernel/http/status-of.js';
import { SignedInDto } from '../sessions/sessions.dto.js';
import { ChallengeDto } from './factors.dto.js';

interface SignInOptions {
  readonly summary: string;
  readonly description: string;
  readonly errors: readonly ErrorCode[];
}

/** A sign-in operation: 200 with tokens, or 202 with a challenge if the account has a second factor. */
export const SignInEndpoint = ({ summary, description, errors }: SignInOptions): MethodDecorator =>
  applyDecorators(
    Endpoint({
      summary,
      description: `${description} If the account has a second factor, the answer is 202 with a challenge, to be answered at \`POST /api/auth/challenge\`.`,
      returns: SignedInDto,
      accepted: ChallengeDto,
      errors: [...errors, 'account-disabled'],
    }) as MethodDecorator,
    StatusOf((answer: SignedInDto | ChallengeDto) =>
      'challenge' in answer ? HttpStatus.ACCEPTED : HttpStatus.OK,
    ),
  );
