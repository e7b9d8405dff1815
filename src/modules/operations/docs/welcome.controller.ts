import { Controller, Get, Header, Headers, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Config } from '../../../config/config.js';
import { Public } from '../../../kernel/http/actor.js';

interface Link {
  readonly title: string;
  readonly path: string;
}

const HEALTH: Link = { title: 'Health', path: '/health/ready' };
const DOCUMENTATION: Readonly<Record<string, Link>> = {
  documentation: { title: 'API documentation', path: '/docs' },
  openapi: { title: 'OpenAPI document', path: '/openapi.json' },
  guides: { title: 'Guides', path: '/docs/guide' },
};

const DESCRIPTION = 'The backend of an offline-first health and fitness app.';

/** The first address that people and programs try: it says what this is and where to go. */
@Controller()
@Public('a greeting')
@ApiExcludeController()
export class WelcomeController {
  private readonly links: Readonly<Record<string, Link>>;

  constructor(config: Config) {
    this.links = { ...(config.servesDocs ? DOCUMENTATION : {}), health: HEALTH };
  }

  /** HTML for a browser, JSON for everybody else. */
  @Get()
  @Header('Vary', 'Accept')
  welcome(@Res({ passthrough: true }) reply: FastifyReply, @Headers('accept') accept = ''): object | string {
    return accept.includes('text/html') ? this.page(reply) : this.document();
  }

  private document(): object {
    const links = Object.entries(this.links).map(([name, { path }]) => [name, path]);
    return { name: 'Hale', description: DESCRIPTION, links: Object.fromEntries(links) as object };
  }

  private page(reply: FastifyReply): string {
    reply.type('text/html; charset=utf-8');
    const items = Object.values(this.links).map(
      ({ title, path }) => `<li><a href="${path}">${title}</a></li>`,
    );
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hale</title>
<link rel="icon" href="data:,">
</head>
<body>
<h1>Hale</h1>
<p>${DESCRIPTION}</p>
<ul>${items.join('')}</ul>
</body>
</html>
`;
  }
}
