import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { cacheDocuments } from './caching.js';
import { describeApi } from './openapi.js';
import { describePage } from './page-document.js';

/** Allows what Swagger UI needs: scripts of its own origin, and inline styles, which those scripts set. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Serves the OpenAPI document at `/openapi.json` and `/openapi.yaml`, and Swagger UI at `/docs`. */
export function serveDocs(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  cacheDocuments(fastify);
  fastify.addHook('onRoute', (route) => {
    if (!/^\/docs(?:\/|$)/.test(route.url) || route.url.startsWith('/docs/guide')) return;
    route.onRequest = [
      ...[route.onRequest ?? []].flat(),
      async (_request, reply) => void reply.header('Content-Security-Policy', POLICY),
    ];
  });
  SwaggerModule.setup('openapi', app, () => describeApi(app), {
    ui: false,
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
  });
  SwaggerModule.setup('docs', app, () => describePage(app), {
    raw: false,
    customSiteTitle: 'Hale API',
    customCss: STYLE,
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      filter: true,
      // Schemas are collapsed, because examples show the bodies.
      defaultModelsExpandDepth: 0,
      defaultModelExpandDepth: 3,
      // The badge of the validator would send the document to another site.
      validatorUrl: null,
      responseInterceptor: authorizePage,
    },
  });
}

interface SwaggerResponse {
  readonly url: string;
  readonly body?: { readonly access_token?: unknown };
}

interface SwaggerWindow {
  readonly ui?: { preauthorizeApiKey(scheme: string, token: string): void };
}

/**
 * Stores the token of an answer to register, sign-in or refresh as the authorization of the page.
 * It runs in the browser. Nest writes its source into the script of the page, so it must not use outer variables.
 */
function authorizePage(response: SwaggerResponse): SwaggerResponse {
  const token = response.body?.access_token;
  if (typeof token === 'string' && new URL(response.url).pathname.startsWith('/api/auth/'))
    (globalThis as SwaggerWindow).ui?.preauthorizeApiKey('access_token', token);
  return response;
}

/**
 * Hides the bar with the logo, the choice of a server, because there is one, the link to a licence without a URL, and the
 * column of links, because there are none. Lists of errors and bodies are as high as their text.
 */
const STYLE = `
  .swagger-ui .topbar, .swagger-ui .info__license, .swagger-ui .response-col_links { display: none }
  .swagger-ui .scheme-container .schemes .schemes-server-container { display: none }
  .swagger-ui .scheme-container .schemes .auth-wrapper { margin-left: auto }
  .swagger-ui .scheme-container { padding: 16px 0 }
  .swagger-ui .response-col_description .renderedMarkdown > ul { margin: 0; padding-left: 16px }
  .swagger-ui .responses-inner .response-col_description .renderedMarkdown { margin: 0 }
  .swagger-ui .body-param__text { min-height: 120px; field-sizing: content }`;
