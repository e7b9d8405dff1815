import { Controller, Get, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../../kernel/http/actor.js';
import { errors } from '../../../kernel/http/errors.js';
import { Problem } from '../../../kernel/http/problem.js';

/** Serves the pages that the `type` of a problem links to. */
@Controller('problems')
@Public('documentation')
@ApiExcludeController()
export class ProblemsController {
  @Get(':code')
  explain(@Param('code') code: string): object {
    return explanationOf(code);
  }
}

function explanationOf(code: string): object {
  if (!Object.hasOwn(errors, code)) throw new Problem('not-found');
  return { code, ...errors[code as keyof typeof errors] };
}
