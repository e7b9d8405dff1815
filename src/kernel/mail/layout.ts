import type { Language } from './language.js';
import { german } from './letters.de.js';
import { english } from './letters.en.js';
import type { Content, Letter, Texts } from './letters.js';

const texts: Readonly<Record<Language, Texts>> = { en: english, de: german };

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * A letter as it is sent.
 * @param at when what it tells of happened.
 */
export function render(letter: Letter, language: Language, at: Date): Rendered {
  const values = oneLineEach(letter);
  const spoken = texts[language];
  const write = spoken.letters[letter.name] as (values: Letter, when: string) => Content;
  const content = write(values, spoken.when(at));
  const link = 'link' in values ? values.link : '';
  return {
    subject: content.subject,
    text: plain(content, spoken, link),
    html: page(content, spoken, link, language),
  };
}

/** A value with line breaks could look like a paragraph of ours. */
const oneLineEach = (letter: Letter): Letter =>
  Object.fromEntries(
    Object.entries(letter).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ') : value,
    ]),
  ) as Letter;

const plain = ({ paragraphs, action, closing }: Content, spoken: Texts, link: string): string =>
  [
    spoken.greeting,
    ...paragraphs,
    ...(action === undefined ? [] : [`${action}:\n${link}`]),
    ...closing,
    `-- \n${spoken.signature}`,
    '',
  ].join('\n\n');

/** Black on white and white on dark blue: readable for everybody, and in programs that know no style sheets. */
function page(
  { subject, paragraphs, action, closing }: Content,
  spoken: Texts,
  link: string,
  language: Language,
): string {
  const body = [
    `<h1 style="font-size:20px;line-height:1.3;margin:0 0 16px">${escaped(subject)}</h1>`,
    ...[spoken.greeting, ...paragraphs].map(paragraph),
    ...(action === undefined ? [] : button(action, spoken.orCopy, escaped(link))),
    ...closing.map(paragraph),
    `<p style="${SMALL};border-top:1px solid #d4d4d4;padding-top:16px">${escaped(spoken.signature)}</p>`,
  ];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(subject)}</title>
</head>
<body style="margin:0;padding:24px;background:#ffffff;color:#171717;font-family:sans-serif;font-size:16px;line-height:1.5">
<div role="article" aria-label="${escaped(subject)}" style="max-width:560px;margin:0 auto">
${body.join('\n')}
</div>
</body>
</html>
`;
}

/** Its address once more below it, in letters: some programs show no links, and people should see where one leads. */
const button = (action: string, orCopy: string, address: string): string[] => [
  `<p style="margin:24px 0"><a href="${address}" style="${BUTTON}">${escaped(action)}</a></p>`,
  `<p style="${SMALL}">${escaped(orCopy)}<br><a href="${address}" style="color:#1e3a8a;word-break:break-all">${address}</a></p>`,
];

const BUTTON =
  'display:inline-block;padding:12px 20px;border-radius:6px;background:#1e3a8a;color:#ffffff;font-weight:bold;text-decoration:none';
const SMALL = 'font-size:14px;color:#525252;margin:24px 0 0';

const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escaped(text)}</p>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
