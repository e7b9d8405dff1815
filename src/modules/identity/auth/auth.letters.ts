import {
  counted,
  DAY_MS,
  defineLetter,
  hostOf,
  MINUTE_MS,
  shortened,
} from '../../../kernel/letters/letters.js';
import { checkSettings, notice } from '../users/security-notice.js';

export const verifyEmailLetter = defineLetter<{ readonly link: string; readonly days: number }>(
  'verify-email',
  {
    lifetimeMs: ({ days }) => days * DAY_MS,
    en: ({ days }) => ({
      subject: 'Confirm your e-mail address',
      paragraphs: ['Welcome to Hale. Please confirm that this is your e-mail address.'],
      action: 'Confirm address',
      closing: [
        `The link works for ${counted(days, 'day', 'days')}.`,
        'You need the password that you chose when you signed up, or a device that is signed in.',
        'If you did not sign up for Hale, ignore this mail.',
      ],
    }),
    de: ({ days }) => ({
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
      paragraphs: ['Willkommen bei Hale. Bitte bestätigen Sie, dass dies Ihre E-Mail-Adresse ist.'],
      action: 'Adresse bestätigen',
      closing: [
        `Der Link gilt ${counted(days, 'Tag', 'Tage')}.`,
        'Sie brauchen dafür das Passwort, das Sie bei der Registrierung gewählt haben, oder ein angemeldetes Gerät.',
        'Wenn Sie sich nicht bei Hale registriert haben, ignorieren Sie diese E-Mail.',
      ],
    }),
  },
);

export const alreadyRegisteredLetter = defineLetter<{ readonly link: string }>('already-registered', {
  en: (_, when) => ({
    subject: 'You already have an account',
    paragraphs: [
      `On ${when}, somebody tried to use this address for a new Hale account. It already has an account, so nothing was changed.`,
      'If this was you, sign in. If you forgot your password, set a new one.',
    ],
    action: 'Set a new password',
    closing: ['If this was not you, you do not need to do anything.'],
  }),
  de: (_, when) => ({
    subject: 'Sie haben bereits ein Konto',
    paragraphs: [
      `Am ${when} wollte jemand diese Adresse für ein Hale-Konto verwenden. Zu ihr gibt es schon eines; daran wurde nichts geändert.`,
      'Wenn Sie das waren, melden Sie sich an. Wenn Sie Ihr Passwort vergessen haben, legen Sie ein neues fest.',
    ],
    action: 'Neues Passwort festlegen',
    closing: ['Wenn Sie das nicht waren, müssen Sie nichts tun.'],
  }),
});

export const emailChangeConfirmLetter = defineLetter<{ readonly link: string; readonly days: number }>(
  'email-change-confirm',
  {
    lifetimeMs: ({ days }) => days * DAY_MS,
    en: ({ days }) => ({
      subject: 'Confirm your new e-mail address',
      paragraphs: ['You want to use this address for your Hale account. Please confirm that it is yours.'],
      action: 'Confirm new address',
      closing: [
        `The link works for ${counted(days, 'day', 'days')}.`,
        'You need the password of your account, or the device on which you asked for this.',
        'If you did not ask for this, ignore this mail. Then nothing changes.',
      ],
    }),
    de: ({ days }) => ({
      subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
      paragraphs: [
        'Sie möchten diese Adresse für Ihr Hale-Konto verwenden. Bitte bestätigen Sie, dass es Ihre ist.',
      ],
      action: 'Neue Adresse bestätigen',
      closing: [
        `Der Link gilt ${counted(days, 'Tag', 'Tage')}.`,
        'Sie brauchen dafür das Passwort Ihres Kontos oder das Gerät, auf dem Sie das veranlasst haben.',
        'Wenn Sie das nicht veranlasst haben, ignorieren Sie diese E-Mail. Dann wird nichts geändert.',
      ],
    }),
  },
);

/** Sent to the current address. It does not name the new one, which may belong to a stranger. */
export const emailChangeAskedLetter = defineLetter<{ readonly link: string }>('email-change-asked', {
  en: (_, when) =>
    notice.en(
      'A new e-mail address for your account',
      `On ${when}, somebody who was signed in to your Hale account asked to change its e-mail address. This address stays until the new one is confirmed.`,
      `A new password also stops the change, as long as the new address is not confirmed. ${checkSettings.en}`,
    ),
  de: (_, when) =>
    notice.de(
      'Eine andere E-Mail-Adresse für Ihr Konto',
      `Am ${when} wollte jemand, der bei Ihrem Hale-Konto angemeldet war, eine andere E-Mail-Adresse dafür verwenden. Diese hier bleibt, bis die andere bestätigt ist.`,
      `Solange die andere Adresse nicht bestätigt ist, verhindert ein neues Passwort auch die Änderung. ${checkSettings.de}`,
    ),
});

/** Sent to the old address. It contains no link to open, because no link can undo the change any more. */
export const emailChangedLetter = defineLetter<{ readonly link: string; readonly newAddress: string }>(
  'email-changed',
  {
    en: ({ link, newAddress }, when) => ({
      subject: 'Your e-mail address was changed',
      paragraphs: [
        `On ${when}, the e-mail address of your Hale account was changed to ${shortened(newAddress)}. This address is no longer used.`,
        `If this was you, you do not need to do anything. If it was not, somebody else controls your account, and we can no longer mail you a link for a new password: write to the operator of ${hostOf(link)} at once.`,
      ],
      closing: [],
    }),
    de: ({ link, newAddress }, when) => ({
      subject: 'Ihre E-Mail-Adresse wurde geändert',
      paragraphs: [
        `Am ${when} wurde die E-Mail-Adresse Ihres Hale-Kontos in ${shortened(newAddress)} geändert. Diese Adresse hier wird nicht mehr verwendet.`,
        `Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, hat jemand anderes Ihr Konto, und ein neues Passwort lässt sich nicht mehr an Sie schicken: Schreiben Sie sofort an die Betreiber von ${hostOf(link)}.`,
      ],
      closing: [],
    }),
  },
);

export const passwordResetLetter = defineLetter<{ readonly link: string; readonly minutes: number }>(
  'password-reset',
  {
    lifetimeMs: ({ minutes }) => minutes * MINUTE_MS,
    en: ({ minutes }, when) => ({
      subject: 'Set a new password',
      paragraphs: [`On ${when}, somebody asked to set a new password for your Hale account.`],
      action: 'Set a new password',
      closing: [
        `The link works once, for ${counted(minutes, 'minute', 'minutes')}.`,
        'If this was not you, ignore this mail. Your password stays as it is.',
      ],
    }),
    de: ({ minutes }, when) => ({
      subject: 'Neues Passwort festlegen',
      paragraphs: [`Am ${when} hat jemand ein neues Passwort für Ihr Hale-Konto angefordert.`],
      action: 'Neues Passwort festlegen',
      closing: [
        `Der Link gilt einmal und ${counted(minutes, 'Minute', 'Minuten')} lang.`,
        'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail. Ihr Passwort bleibt, wie es ist.',
      ],
    }),
  },
);

export const passwordChangedLetter = defineLetter<{ readonly link: string }>('password-changed', {
  en: (_, when) =>
    notice.en('Your password was changed', `On ${when}, the password of your Hale account was changed.`),
  de: (_, when) =>
    notice.de('Ihr Passwort wurde geändert', `Am ${when} wurde das Passwort Ihres Hale-Kontos geändert.`),
});
