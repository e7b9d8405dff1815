import { applyDecorators, Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Config } from '../../../config/config.js';
import { Public } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { guideNames } from './guide-files.js';
import { renderGuide, renderIndex, STYLE } from './guide-page.js';

/** A guide is text with a style sheet: it runs no script and loads nothing else. */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const Page = () =>
  applyDecorators(
    Header('Content-Type', 'text/html; charset=utf-8'),
    Header('Content-Security-Policy', POLICY),
  );

/** The guides of `docs/`, each rendered on its first request. */
@Controller('docs/guide')
@Public('documentation')
@ApiExcludeController()
export class GuidesController {
  private readonly pages = new Map<string, string>();

  constructor(private readonly config: Config) {}

  @Get()
  @Page()
  index(): string {
    return this.page('', renderIndex);
  }

  @Get('style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  style(): string {
    return this.page('style.css', () => STYLE);
  }

  @Get(':name')
  @Page()
  guide(@Param('name') name: string): string {
    return this.page(name, renderGuide);
  }

  @Get('decisions/:name')
  @Page()
  decision(@Param('name') name: string): string {
    return this.page(`decisions/${name}`, renderGuide);
  }

  private page(name: string, render: (name: string) => string): string {
    if (!this.config.servesDocs) throw new Problem('not-found');
    const known = this.pages.get(name);
    if (known !== undefined) return known;
    if (render === renderGuide && !guideNames().has(name)) throw new Problem('not-found');
    const page = render(name);
    this.pages.set(name, page);
    return page;
  }
}
