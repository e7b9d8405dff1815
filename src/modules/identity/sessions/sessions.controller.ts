import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { type Actor, CurrentActor, EvenUnverified } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { PushTargetDto, SessionListDto } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';
import { SignInSection } from './sign-in-section.js';

@SignInSection()
@EvenUnverified()
@Controller('api/auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  @Endpoint({
    summary: 'List sessions',
    description: 'One item per device; `current` marks the session that sent this request.',
    returns: SessionListDto,
  })
  async listSessions(@CurrentActor() actor: Actor): Promise<SessionListDto> {
    return { data: await this.sessions.list(actor) };
  }

  @Delete()
  @Endpoint({
    summary: 'Revoke all other sessions',
    description: 'Every other session ends and is refused within 5 seconds; this one stays open.',
    status: 204,
  })
  endOtherSessions(@CurrentActor() actor: Actor): Promise<void> {
    return this.sessions.revokeOthers(actor.userId, actor.sessionId);
  }

  @Put('current/push')
  @Endpoint({
    summary: 'Register a push token',
    description: 'Stores the token that the push service gave the app. It is deleted when the session ends.',
    status: 204,
  })
  setPush(@CurrentActor() actor: Actor, @Body() { service, token }: PushTargetDto): Promise<void> {
    return this.sessions.setPush(actor.sessionId, { service, token });
  }

  @Delete('current/push')
  @Endpoint({
    summary: 'Remove the push token',
    description: 'Deletes the token. May be repeated.',
    status: 204,
  })
  clearPush(@CurrentActor() actor: Actor): Promise<void> {
    return this.sessions.setPush(actor.sessionId, null);
  }

  @Delete(':id')
  @IdParam('The session to end.')
  @Endpoint({
    summary: 'Revoke a session',
    description: 'Its tokens are refused within 5 seconds.',
    status: 204,
    errors: ['not-found'],
  })
  endSession(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.sessions.end(actor.userId, id);
  }
}
