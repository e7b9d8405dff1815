import type { Language } from './language.js';
import { type Content, definitionOf, type Letter } from './letters.js';

/** The texts that all letters of one language share. */
interface Frame {
  readonly greeting: string;
  /** The sentence before the written-out URL of the button. */
  readonly orCopy: string;
  readonly signature: string;
  /** Formats an instant in UTC. */
  readonly when: (instant: Date) => string;
}

/** Makes a function that formats an instant in UTC in the given language. */
function instantIn(language: string): (instant: Date) => string {
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return (instant) => `${format.format(instant)} UTC`;
}

const frames: Readonly<Record<Language, Frame>> = {
  en: {
    greeting: 'Hello,',
    orCopy: 'Or copy this address into your browser:',
    signature: 'This mail was sent automatically by Hale.',
    when: instantIn('en-GB'),
  },
  de: {
    greeting: 'Guten Tag!',
    orCopy: 'Oder kopieren Sie diese Adresse in Ihren Browser:',
    signature: 'Diese E-Mail wurde automatisch von Hale verschickt.',
    when: instantIn('de'),
  },
};

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Renders a letter as the mail that is sent.
 * @param at when the event that the letter reports happened.
 */
export function render(letter: Letter, language: Language, at: Date): Rendered {
  const values = oneLineEach(letter);
  const frame = frames[language];
  const content = definitionOf(letter).texts[language](values, frame.when(at));
  const link = typeof values['link'] === 'string' ? values['link'] : '';
  return {
    subject: content.subject,
    text: plain(content, frame, link),
    html: page(content, frame, link, language),
  };
}

/** Replaces line breaks in the values by spaces: a value with line breaks could look like a paragraph of the letter. */
const oneLineEach = (letter: Letter): Letter =>
  Object.fromEntries(
    Object.entries(letter).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ') : value,
    ]),
  ) as Letter;

const plain = ({ paragraphs, action, closing }: Content, frame: Frame, link: string): string =>
  [
    frame.greeting,
    ...paragraphs,
    ...(action === undefined ? [] : [`${action}:\n${link}`]),
    ...closing,
    `-- \n${frame.signature}`,
    '',
  ].join('\n\n');

/** The HTML page. High contrast for all readers, and inline styles for mail programs that ignore style sheets. */
function page(
  { subject, paragraphs, action, closing }: Content,
  frame: Frame,
  link: string,
  language: Language,
): string {
  const body = [
    `<h1 style="font-size:20px;line-height:1.3;margin:0 0 16px">${escaped(subject)}</h1>`,
    ...[frame.greeting, ...paragraphs].map(paragraph),
    ...(action === undefined ? [] : button(action, frame.orCopy, escaped(link))),
    ...closing.map(paragraph),
    `<p style="${SMALL};border-top:1px solid #d4d4d4;padding-top:16px">${escaped(frame.signature)}</p>`,
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

/** The button, with its URL written out below it: some mail programs show no links, and people should see the target. */
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
