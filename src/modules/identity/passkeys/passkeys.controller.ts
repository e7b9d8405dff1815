import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { type Actor, CurrentActor, Fresh } from '../../../kernel/http/actor.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { FactorsSection } from '../factors/factors-section.js';
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
    summary: 'Get passkey registration options',
    description: 'Let the device create the passkey within five minutes, and send its answer.',
    returns: PasskeyCreationDto,
  })
  async beginPasskey(@CurrentActor() actor: Actor): Promise<PasskeyCreationDto> {
    return { options: await this.registration.options(actor.userId) };
  }

  @Post()
  @Fresh()
  @Endpoint({
    summary: 'Register a passkey',
    description: 'From now on it can sign in without a password and counts as two factors.',
    status: 201,
    returns: PasskeyDto,
    errors: ['invalid-passkey', 'too-many-passkeys'],
  })
  addPasskey(@CurrentActor() actor: Actor, @Body() body: RegisterPasskeyDto): Promise<PasskeyDto> {
    return this.registration.register(actor, body.name, body.response);
  }

  @Get()
  @Endpoint({ summary: 'List passkeys', description: 'The oldest first.', returns: PasskeyListDto })
  async listPasskeys(@CurrentActor() actor: Actor): Promise<PasskeyListDto> {
    return { data: await this.passkeys.list(actor.userId) };
  }

  @Patch(':id')
  @IdParam('The passkey.')
  @Endpoint({
    summary: 'Rename a passkey',
    description: 'Renames it only here; the device keeps its own name.',
    returns: PasskeyDto,
    errors: ['not-found'],
  })
  renamePasskey(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { name }: RenamePasskeyDto,
  ): Promise<PasskeyDto> {
    return this.passkeys.rename(actor.userId, id, name);
  }

  @Delete(':id')
  @Fresh()
  @IdParam('The passkey.')
  @Endpoint({
    summary: 'Delete a passkey',
    description: 'Every other session ends. The last way to sign in cannot be removed.',
    status: 204,
    errors: ['not-found', 'last-credential'],
  })
  removePasskey(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.passkeys.remove(actor, id);
  }
}
