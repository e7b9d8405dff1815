import { describe, expect, it } from 'vitest';
import { type Language, languageOf } from '../../src/kernel/mail/language.js';
import { render } from '../../src/kernel/mail/layout.js';
import { type Letter, lifetimeMs, shortened } from '../../src/kernel/mail/letters.js';

const LINK = 'https://hale.test/go?token=abc&kind=1';
const AT = new Date('2026-03-09T14:05:00Z');
const EVIL = '<script>alert("1")</script>';

/** Each with a value that must not become markup, where it has one. */
const letters: Letter[] = [
  { name: 'verify-email', link: LINK, days: 3 },
  { name: 'already-registered', link: LINK },
  { name: 'email-change-confirm', link: LINK },
  { name: 'email-changed', link: LINK, newAddress: `grace@example.org${EVIL}` },
  { name: 'password-reset', link: LINK, minutes: 15 },
  { name: 'password-changed', link: LINK },
  { name: 'identity-linked', link: LINK, provider: EVIL },
  { name: 'identity-unlinked', link: LINK, provider: EVIL },
  { name: 'link-attempted', link: LINK, provider: EVIL },
  { name: 'account-taken', link: LINK, provider: EVIL },
  { name: 'factor-enabled', link: LINK, which: EVIL },
  { name: 'factor-disabled', link: LINK, which: EVIL },
  { name: 'passkey-added', link: LINK, passkey: EVIL },
  { name: 'passkey-removed', link: LINK, passkey: EVIL },
  { name: 'recovery-code-used', link: LINK, left: 7 },
  { name: 'api-key-created', link: LINK, keyName: EVIL },
  { name: 'session-stolen', link: LINK },
  { name: 'account-deleted', link: LINK },
];
/** What the reader does, not what has happened. */
const REQUESTS = new Set(['verify-email', 'email-change-confirm']);
const cases = (['en', 'de'] satisfies Language[]).flatMap((language) =>
  letters.map((letter) => [letter.name, language, letter] as const),
);

describe('letters', () => {
  it.each(cases)('%s in %s is whole, and safe', (name, language, letter) => {
    const { subject, text, html } = render(letter, language, AT);
    for (const part of [subject, text, html]) {
      expect(part.trim()).not.toBe('');
      expect(part).not.toMatch(/undefined|null|NaN|\[object|\$\{|\{\{/);
    }
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).toMatch(new RegExp(`^${LINK.replace('?', '\\?')}$`, 'm'));
    expect(html.split(LINK.replaceAll('&', '&amp;'))).toHaveLength(4);
    expect(html).not.toContain('<script');
    if (JSON.stringify(letter).includes('script')) expect(html).toContain('&lt;script&gt;');
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).not.toMatch(/<img|<style|src=/);
    const when = language === 'de' ? '9. März 2026 um 14:05 UTC' : '9 March 2026 at 14:05 UTC';
    if (!REQUESTS.has(name)) for (const part of [text, html]) expect(part).toContain(when);
  });

  it('are different letters in different languages', () => {
    const subjects = cases.map(([, language, letter]) => render(letter, language, AT).text);
    expect(new Set(subjects).size).toBe(cases.length);
  });

  it('keep a value in its line', () => {
    const { subject, text } = render(
      { name: 'identity-linked', link: LINK, provider: 'A\r\nBcc: x@example.org\n\nB' },
      'en',
      AT,
    );
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).not.toMatch(/^Bcc/m);
  });

  it('count as people do', () => {
    const text = (letter: Letter, language: Language) => render(letter, language, AT).text;
    expect(text({ name: 'verify-email', link: LINK, days: 1 }, 'en')).toContain('1 day.');
    expect(text({ name: 'verify-email', link: LINK, days: 2 }, 'de')).toContain('2 Tage.');
    expect(text({ name: 'recovery-code-used', link: LINK, left: 0 }, 'en')).toContain('none left');
    expect(text({ name: 'recovery-code-used', link: LINK, left: 1 }, 'de')).toContain('1 Code;');
  });

  it('are worth nothing when their link is', () => {
    expect(lifetimeMs({ name: 'password-reset', link: LINK, minutes: 15 })).toBe(15 * 60_000);
    expect(lifetimeMs({ name: 'verify-email', link: LINK, days: 2 })).toBe(2 * 86_400_000);
  });

  it('shorten an address', () => {
    expect(shortened('grace@example.org')).toBe('g…@example.org');
    expect(shortened('𝒢race@example.org')).toBe('𝒢…@example.org');
    expect(shortened('"a@b"@example.org')).toBe('"…@example.org');
  });

  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE_ch', 'de'],
    ['de-Latn-DE-1996', 'de'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['', 'en'],
    ['den', 'en'],
    ['*', 'en'],
    ['de-CH, de;q=0.9, en;q=0.8', 'de'],
    ['en;q=0.3, de;q=0.7', 'de'],
    ['fr, de;q=0.5', 'de'],
    ['fr;q=0.9, en;q=0.8, de;q=0.8', 'en'],
    ['de;q=0, en;q=0.1', 'en'],
    ['de;q=0', 'en'],
    ['de;q=0.5, *;q=0.8', 'en'],
    ['de;q=x', 'en'],
    ['de;level=1', 'en'],
    [`${'x,'.repeat(5_000)}de`, 'de'],
  ])('%s asks for %s', (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });
});
