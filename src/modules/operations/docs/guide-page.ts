import { posix } from 'node:path';
import { Marked, type Tokens } from 'marked';
import { gfmHeadingId } from 'marked-gfm-heading-id';
import { guideNames, listGuides, readGuide, titleOf } from './guide-files.js';

const ROOT = '/docs/guide';

/** The page of a guide. Nothing in it runs: HTML in the Markdown is shown as text. */
export function renderGuide(name: string): string {
  const markdown = readGuide(name);
  const marked = new Marked(gfmHeadingId(), {
    async: false,
    renderer: {
      html: ({ text }) => escape(text),
      link(token: Tokens.Link) {
        const text = this.parser.parseInline(token.tokens);
        const target = targetOf(token.href, name);
        return target === undefined ? text : `<a href="${escape(target)}">${text}</a>`;
      },
    },
  });
  return frame(titleOf(markdown), marked.parse(markdown, { async: false }));
}

/** The list of guides. */
export const renderIndex = (): string =>
  frame(
    'Guides',
    `<h1>Guides</h1>\n<ul>${listGuides()
      .map(({ name, title }) => `<li>${anchor(name, title)}</li>`)
      .join('')}</ul>\n`,
  );

/** The URL of a link in a page. Links between pages use the names of the files. Undefined for a file that is not served. */
function targetOf(href: string, page: string): string | undefined {
  if (/^(?:https:|#)/.test(href)) return href;
  const [path = '', fragment] = href.split('#');
  const file = posix.join(posix.dirname(page), path);
  if (file === '../openapi.json') return '/openapi.json';
  const name = file.replace(/\.md$/, '');
  if (name === file || !guideNames().has(name)) return undefined;
  return `${ROOT}/${name}${fragment === undefined ? '' : `#${fragment}`}`;
}

const anchor = (name: string, title: string): string => `<a href="${ROOT}/${name}">${escape(title)}</a>`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

const frame = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Hale API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${ROOT}/style.css">
</head>
<body>
<nav><a href="/docs">API</a> ${listGuides()
  .map(({ name, title: linked }) => anchor(name, linked))
  .join(' ')}</nav>
<main>
${content}</main>
</body>
</html>
`;

export const STYLE = `body { margin: 0; font: 16px/1.6 system-ui, sans-serif; color: #171717; background: #fff }
nav { display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 12px 24px; background: #f5f5f5; border-bottom: 1px solid #d4d4d4 }
main { max-width: 860px; margin: 0 auto; padding: 8px 24px 64px }
h1, h2, h3 { line-height: 1.25; margin: 1.6em 0 .6em }
a { color: #1e3a8a }
code, pre { font: 14px/1.5 ui-monospace, monospace; background: #f5f5f5; border-radius: 4px }
code { padding: 1px 4px }
pre { padding: 12px 16px; overflow-x: auto }
pre code { padding: 0 }
table { display: block; overflow-x: auto; border-collapse: collapse }
th, td { padding: 6px 12px; text-align: left; vertical-align: top; border: 1px solid #d4d4d4 }
`;
