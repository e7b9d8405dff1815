import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { ErrorCode } from '../../kernel/http/errors.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { SignedInDto } from '../sessions/public.js';
import { ChallengeDto } from './factors.dto.js';

interface SignInOptions {
  readonly summary: string;
  readonly description: string;
  readonly errors: readonly ErrorCode[];
}

/** An operation that signs in: 200 with tokens, or 202 with a challenge for who has a second factor. */
export const SignInEndpoint = ({ summary, description, errors }: SignInOptions): MethodDecorator =>
  applyDecorators(
    Endpoint({
      summary,
      description: `${description} Who has a second factor is not signed in yet: the answer is 202 with a challenge, to be answered at \`POST /api/auth/challenge\`.`,
      returns: SignedInDto,
      errors: [...errors, 'account-disabled'],
    }),
    ApiResponse({ status: 202, description: 'Accepted', type: ChallengeDto }),
    UseInterceptors(ChallengeStatus),
  );

@Injectable()
class ChallengeStatus implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<SignedInDto | ChallengeDto>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((result) => {
        if ('challenge' in result) reply.status(202);
        return result;
      }),
    );
  }
}
