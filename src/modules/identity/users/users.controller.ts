import { Body, Controller, Get, Patch } from '@nestjs/common';
import { type Actor, CurrentActor, EvenUnverified, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { AccountSection } from './account-section.js';
import { profile } from './profile.scopes.js';
import { UpdateUserDto, UserDto, profileOf } from './users.dto.js';
import { UsersService } from './users.service.js';

@AccountSection()
@EvenUnverified()
@Shareable(profile)
@Controller('api/users/me')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Endpoint({
    summary: 'Get the profile',
    description: 'The account the access token belongs to.',
    returns: UserDto,
  })
  async getProfile(@CurrentActor() actor: Actor): Promise<UserDto> {
    return profileOf(await this.users.get(actor.userId));
  }

  @Patch()
  @Endpoint({
    summary: 'Update the profile',
    description: 'Only the fields that are sent change.',
    returns: UserDto,
  })
  async updateProfile(@CurrentActor() actor: Actor, @Body() body: UpdateUserDto): Promise<UserDto> {
    return profileOf(await this.users.update(actor.userId, body));
  }
}
