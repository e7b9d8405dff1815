import { Controller, Delete, Get, Param } from '@nestjs/common';
import { type Actor, CurrentActor } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { Problem } from '../../kernel/http/problem.js';
import { toWire } from '../../kernel/http/wire.js';
import { SessionDto, SessionListDto } from './auth.dto.js';
import { SessionsService } from './sessions.service.js';

@Section('Sign-in', 'Accounts are made here, sessions begin and end, tokens are renewed.', 0)
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
