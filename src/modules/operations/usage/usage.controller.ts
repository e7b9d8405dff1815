import { Controller, Get } from '@nestjs/common';
import { type Actor, CurrentActor, EvenUnverified } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { AccountSection } from '../../identity/public.js';
import { UsageDto } from './usage.dto.js';
import { UsageService } from './usage.service.js';

@AccountSection()
@EvenUnverified()
@Controller('api/users/me/usage')
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  @Get()
  @Endpoint({
    summary: 'Get the usage',
    description:
      'Each quota of the account with its limit and its use. A used-up quota refuses only what is new (`quota-exceeded`): what is stored can be read, changed and deleted.',
    returns: UsageDto,
  })
  getUsage(@CurrentActor() { userId }: Actor): Promise<UsageDto> {
    return this.usage.of(userId);
  }
}
