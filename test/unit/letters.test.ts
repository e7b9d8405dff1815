import { describe, expect, it } from 'vitest';
import { type Language, languageOf } from '../../src/kernel/letters/language.js';
import { render } from '../../src/kernel/letters/layout.js';
import { defineLetter, type Letter, lifetimeMs, shortened } from '../../src/kernel/letters/letters.js';
import { load } from '../../src/platform/discovery.js';

await load('modules', /\.letters\.[jt]s$/);

const LINK = 'https://hale.test/go?token=abc&kind=1';
const AT = new Date('2026-03-09T14:05:00Z');
const EVIL = '<script>alert("1")</script>';

/** Every letter, with values that must not become markup. */
const values: Readonly<Record<string, object>> = {
  'verify-email': { link: LINK, days: 3 },
  'already-registered': { link: LINK },
  'email-change-confirm': { link: LINK, days: 1 },
  'email-change-asked': { link: LINK },
  'email-changed': { link: LINK, newAddress: `grace@example.org${EVIL}` },
  'password-reset': { link: LINK, minutes: 15 },
  'password-changed': { link: LINK },
  'identity-linked': { link: LINK, provider: EVIL },
  'identity-unlinked': { link: LINK, provider: EVIL },
  'link-attempted': { link: LINK, provider: EVIL },
  'account-taken': { link: LINK, provider: EVIL },
  'factor-enabled': { link: LINK, which: EVIL },
  'factor-disabled': { link: LINK, which: EVIL },
  'passkey-added': { link: LINK, passkey: EVIL },
  'passkey-removed': { link: LINK, passkey: EVIL },
  'recovery-code-used': { link: LINK, left: 7 },
  'grant-received': {},
  'goal-reached': {},
  'api-key-created': { link: LINK, keyName: EVIL },
  'became-admin': { link: LINK },
  'session-stolen': { link: LINK },
  'account-deleted': { link: LINK },
};
const letterOf = (name: string): Letter => ({ name, ...values[name] });
const letters = Object.keys(values).map(letterOf);
/** Letters without a link, because the reader has nothing to do. */
const WITHOUT_LINK = new Set(['email-changed', 'grant-received', 'goal-reached', 'account-deleted']);
/** Letters that ask the reader to do something, and do not report an event. */
const REQUESTS = new Set(['verify-email', 'email-change-confirm']);
const cases = (['en', 'de'] satisfies Language[]).flatMap((language) =>
  letters.map((letter) => [letter.name, language, letter] as const),
);

const unwritten = () => ({ subject: '', paragraphs: [], closing: [] });

describe('letters', () => {
  it.each(cases)('%s in %s is complete and safe', (name, language, letter) => {
    const { subject, text, html } = render(letter, language, AT);
    for (const part of [subject, text, html]) {
      expect(part.trim()).not.toBe('');
      expect(part).not.toMatch(/undefined|null|NaN|\[object|\$\{|\{\{/);
    }
    expect(subject).not.toMatch(/[\r\n]/);
    const links = WITHOUT_LINK.has(name) ? 0 : 1;
    expect(text.split('\n').filter((line) => line === LINK)).toHaveLength(links);
    expect(html.split(LINK.replaceAll('&', '&amp;'))).toHaveLength(3 * links + 1);
    expect(html.split('<a ')).toHaveLength(2 * links + 1);
    expect(html).not.toContain('<script');
    if (JSON.stringify(letter).includes('script')) expect(html).toContain('&lt;script&gt;');
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).not.toMatch(/<img|<style|src=/);
    const when = language === 'de' ? '9. März 2026 um 14:05 UTC' : '9 March 2026 at 14:05 UTC';
    if (!REQUESTS.has(name)) for (const part of [text, html]) expect(part).toContain(when);
  });

  const inBoth = (name: string): string[] =>
    (['en', 'de'] satisfies Language[]).map((language) => render(letterOf(name), language, AT).text);

  it.each([
    [
      'password-changed',
      /passkey, linked account and API key/,
      /Passkeys, verknüpften Konten und API-Schlüssel/,
    ],
    ['passkey-added', /remove the passkey .* alone does not/, /Entfernen Sie dann den Passkey .* allein/],
    ['identity-linked', /unlink it .* alone does not/, /Trennen Sie es .* allein/],
    ['api-key-created', /delete the key .* alone does not/, /Löschen Sie dann den Schlüssel .* allein/],
    ['recovery-code-used', /Then create new codes/, /Erstellen Sie dann neue Codes/],
    ['email-change-asked', /stops the change/, /verhindert ein neues Passwort auch die Änderung/],
  ])('%s tells what to do in addition to a new password', (name, english, german) => {
    const [en, de] = inBoth(name);
    expect(en).toMatch(/set a new password at once\. This signs out every device\. /);
    expect(en).toMatch(english);
    expect(de).toMatch(german);
  });

  it.each(['email-changed', 'factor-enabled', 'account-deleted'])(
    '%s names a contact, because it has no link',
    (name) => {
      const [en, de] = inBoth(name);
      expect(en).toMatch(/[Ww]rite to the operator of hale\.test/);
      expect(de).toMatch(/[Ss]chreiben Sie (sofort )?an die Betreiber von hale\.test/);
    },
  );

  it.each(['Google', 'Apple', 'Facebook', 'GitHub'])('write the name %s correctly', (provider) => {
    for (const name of ['identity-linked', 'identity-unlinked', 'link-attempted', 'account-taken'] as const)
      expect(render({ name, link: LINK, provider }, 'en', AT).text).not.toMatch(/\ba [AEIOU]/);
  });

  it('are declared once each', () => {
    for (const name of Object.keys(values))
      expect(() => defineLetter(name, { en: unwritten, de: unwritten })).toThrow(
        `"${name}" is declared twice`,
      );
  });

  it('have different texts in different languages', () => {
    const subjects = cases.map(([, language, letter]) => render(letter, language, AT).text);
    expect(new Set(subjects).size).toBe(cases.length);
  });

  it('keep a value on one line', () => {
    const { subject, text } = render(
      { name: 'identity-linked', link: LINK, provider: 'A\r\nBcc: x@example.org\n\nB' },
      'en',
      AT,
    );
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).not.toMatch(/^Bcc/m);
  });

  it('use singular and plural', () => {
    const text = (letter: Letter, language: Language) => render(letter, language, AT).text;
    expect(text({ name: 'verify-email', link: LINK, days: 1 }, 'en')).toContain('1 day.');
    expect(text({ name: 'verify-email', link: LINK, days: 2 }, 'de')).toContain('2 Tage.');
    expect(text({ name: 'recovery-code-used', link: LINK, left: 0 }, 'en')).toContain('none left');
    expect(text({ name: 'recovery-code-used', link: LINK, left: 1 }, 'de')).toContain('1 Code;');
  });

  it('expire with their link', () => {
    expect(lifetimeMs({ name: 'password-reset', link: LINK, minutes: 15 })).toBe(15 * 60_000);
    expect(lifetimeMs({ name: 'verify-email', link: LINK, days: 2 })).toBe(2 * 86_400_000);
    expect(lifetimeMs({ name: 'email-change-confirm', link: LINK, days: 1 })).toBe(86_400_000);
  });

  it('mask an address', () => {
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
  ])('choose for %s the language %s', (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });
});
