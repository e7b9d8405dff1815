import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { languageOf } from '../../kernel/mail/language.js';
import { isPage, pageOf, SCRIPT, STYLE } from './pages.js';

/** Scripts and styles of this origin only, requests to this origin only, and nothing that frames it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Where mailed links lead when no app takes them: the least there must be for a person with a browser. */
@Controller('account')
@Public('who follows a link from a mail has no token yet')
@ApiExcludeController()
export class AccountPagesController {
  @Get('page.js')
  script(@Res() reply: FastifyReply): void {
    void reply.type('text/javascript; charset=utf-8').send(SCRIPT);
  }

  @Get('page.css')
  style(@Res() reply: FastifyReply): void {
    void reply.type('text/css; charset=utf-8').send(STYLE);
  }

  @Get(':page')
  page(
    @Param('page') page: string,
    @Res() reply: FastifyReply,
    @Headers('accept-language') languages = '',
  ): void {
    if (!isPage(page)) throw new Problem('not-found');
    void reply
      .type('text/html; charset=utf-8')
      .header('Content-Security-Policy', POLICY)
      .header('Vary', 'Accept-Language')
      .send(pageOf(page, languageOf(languages)));
  }
}
