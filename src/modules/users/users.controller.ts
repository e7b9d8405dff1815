import { Body, Controller, Get, Patch } from '@nestjs/common';
import { type Actor, CurrentActor, EvenUnverified, Shareable } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { AccountSection } from './account-section.js';
import { fromWire } from '../../kernel/http/wire.js';
import { UpdateUserDto, UserDto, userWire } from './users.dto.js';
import { UsersService } from './users.service.js';

@AccountSection()
@EvenUnverified()
@Shareable('profile')
@Controller('api/users/me')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Endpoint({
    summary: 'Read my profile',
    description: 'The account the access token belongs to.',
    returns: UserDto,
  })
  async getProfile(@CurrentActor() actor: Actor): Promise<UserDto> {
    return userWire(await this.users.get(actor.userId));
  }

  @Patch()
  @Endpoint({
    summary: 'Change my profile',
    description: 'Only the fields that are sent change.',
    returns: UserDto,
  })
  async updateProfile(@CurrentActor() actor: Actor, @Body() body: UpdateUserDto): Promise<UserDto> {
    return userWire(await this.users.update(actor.userId, fromWire(UpdateUserDto, body)));
  }
}
