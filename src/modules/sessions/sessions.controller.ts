import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { type Actor, CurrentActor, EvenUnverified } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { Problem } from '../../kernel/http/problem.js';
import { toWire } from '../../kernel/http/wire.js';
import { PushTargetDto, SessionDto, SessionListDto } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';
import { SignInSection } from './sign-in-section.js';

@SignInSection()
@EvenUnverified()
@Controller('api/auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  @Endpoint({
    summary: 'List where I am signed in',
    description: 'One item a device; `current` marks the one that asks.',
    returns: SessionListDto,
  })
  async listSessions(@CurrentActor() actor: Actor): Promise<SessionListDto> {
    const sessions = await this.sessions.list(actor.userId);
    return {
      data: sessions.map((session) =>
        toWire(SessionDto, { ...session, current: session.id === actor.sessionId }),
      ),
    };
  }

  @Delete()
  @Endpoint({
    summary: 'Sign out everywhere else',
    description: 'Every other session ends and is refused within 5 seconds; this one goes on.',
    status: 204,
  })
  endOtherSessions(@CurrentActor() actor: Actor): Promise<void> {
    return this.sessions.revokeOthers(actor.userId, actor.sessionId);
  }

  @Put('current/push')
  @Endpoint({
    summary: 'Say where this phone is reached',
    description: 'The token that the push service gave the app. It is forgotten when the session ends.',
    status: 204,
  })
  setPush(@CurrentActor() actor: Actor, @Body() { service, token }: PushTargetDto): Promise<void> {
    return this.sessions.setPush(actor.sessionId, { service, token });
  }

  @Delete('current/push')
  @Endpoint({
    summary: 'Send this phone nothing any more',
    description: 'Forgets the token. May be repeated.',
    status: 204,
  })
  clearPush(@CurrentActor() actor: Actor): Promise<void> {
    return this.sessions.setPush(actor.sessionId, null);
  }

  @Delete(':id')
  @IdParam('The session to end.')
  @Endpoint({
    summary: 'Sign out another device',
    description: 'It is refused within 5 seconds.',
    status: 204,
    errors: ['not-found'],
  })
  async endSession(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    if (!(await this.sessions.revoke(actor.userId, id))) throw new Problem('not-found');
  }
}
