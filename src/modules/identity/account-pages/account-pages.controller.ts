import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Header,
  Headers,
  Param,
  UseGuards,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { languageOf } from '../../../kernel/letters/language.js';
import { isPage, type PageName, pageOf, SCRIPT, STYLE } from './pages.js';

/** Allows scripts, styles and requests of this origin only, and no frame around the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Answers `not-found` for another name before the headers of a page are set. */
const KnownPage: CanActivate = {
  canActivate(context: ExecutionContext): boolean {
    const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { page: string } }>>();
    if (!isPage(params.page)) throw new Problem('not-found');
    return true;
  },
};

/** The pages that mailed links open when no app handles them, for a person with only a browser. */
@Controller('account')
@Public('the person follows a link in a mail and has no token yet')
@ApiExcludeController()
export class AccountPagesController {
  @Get('page.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): string {
    return SCRIPT;
  }

  @Get('page.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  style(): string {
    return STYLE;
  }

  @Get(':page')
  @UseGuards(KnownPage)
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', POLICY)
  @Header('Vary', 'Accept-Language')
  page(@Param('page') page: PageName, @Headers('accept-language') languages = ''): string {
    return pageOf(page, languageOf(languages));
  }
}
