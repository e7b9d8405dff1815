import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { type Actor, CurrentActor, Fresh } from '../../kernel/http/actor.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { toWire } from '../../kernel/http/wire.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { FactorsSection } from '../factors/public.js';
import { PasskeyRegistration } from './passkey-registration.js';
import {
  PasskeyCreationDto,
  PasskeyDto,
  PasskeyListDto,
  RegisterPasskeyDto,
  RenamePasskeyDto,
} from './passkeys.dto.js';
import { PasskeysService } from './passkeys.service.js';

@FactorsSection()
@Controller('api/auth/passkeys')
export class PasskeysController {
  constructor(
    private readonly passkeys: PasskeysService,
    private readonly registration: PasskeyRegistration,
  ) {}

  @Post('options')
  @Fresh()
  @Endpoint({
    summary: 'Begin a passkey',
    description: 'Have the device make it within five minutes, and send what it answers.',
    returns: PasskeyCreationDto,
  })
  async beginPasskey(@CurrentActor() actor: Actor): Promise<PasskeyCreationDto> {
    return { options: await this.registration.options(actor.userId) };
  }

  @Post()
  @Fresh()
  @Endpoint({
    summary: 'Add a passkey',
    description: 'From now on it signs in by itself, and counts as two factors.',
    status: 201,
    returns: PasskeyDto,
    errors: ['invalid-passkey', 'too-many-passkeys'],
  })
  async addPasskey(@CurrentActor() actor: Actor, @Body() body: RegisterPasskeyDto): Promise<PasskeyDto> {
    return toWire(PasskeyDto, await this.registration.register(actor.userId, body.name, body.response));
  }

  @Get()
  @Endpoint({ summary: 'List my passkeys', description: 'The oldest first.', returns: PasskeyListDto })
  async listPasskeys(@CurrentActor() actor: Actor): Promise<PasskeyListDto> {
    const passkeys = await this.passkeys.list(actor.userId);
    return { data: passkeys.map((passkey) => toWire(PasskeyDto, passkey)) };
  }

  @Patch(':id')
  @IdParam('The passkey.')
  @Endpoint({
    summary: 'Rename a passkey',
    description: 'Only here: the device keeps the name it has.',
    returns: PasskeyDto,
    errors: ['not-found'],
  })
  async renamePasskey(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { name }: RenamePasskeyDto,
  ): Promise<PasskeyDto> {
    return toWire(PasskeyDto, await this.passkeys.rename(actor.userId, id, name));
  }

  @Delete(':id')
  @Fresh()
  @IdParam('The passkey.')
  @Endpoint({
    summary: 'Remove a passkey',
    description: 'Every other session ends. The last way to sign in is not removed.',
    status: 204,
    errors: ['not-found', 'last-credential'],
  })
  removePasskey(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.passkeys.remove(actor, id);
  }
}
