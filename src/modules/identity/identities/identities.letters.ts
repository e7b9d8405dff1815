import { defineLetter } from '../../../kernel/letters/letters.js';
import { notByPassword, notice } from '../users/security-notice.js';

/** Values in these letters. */
interface AboutProvider {
  readonly link: string;
  readonly provider: string;
}

export const identityLinkedLetter = defineLetter<AboutProvider>('identity-linked', {
  en: ({ provider }, when) =>
    notice.en(
      `${provider} was linked to your account`,
      `On ${when}, an account at ${provider} was linked to your Hale account. It can sign in to your account from now on.`,
      `Then unlink it in the settings. ${notByPassword.en}`,
    ),
  de: ({ provider }, when) =>
    notice.de(
      `${provider} wurde mit Ihrem Konto verknüpft`,
      `Am ${when} wurde ein Konto bei ${provider} mit Ihrem Hale-Konto verknüpft. Damit kann man sich von nun an anmelden.`,
      'Trennen Sie es dann in den Einstellungen. Das neue Passwort allein genügt nicht.',
    ),
});

export const identityUnlinkedLetter = defineLetter<AboutProvider>('identity-unlinked', {
  en: ({ provider }, when) =>
    notice.en(
      `${provider} was unlinked from your account`,
      `On ${when}, an account at ${provider} was unlinked from your Hale account. It can no longer sign in.`,
    ),
  de: ({ provider }, when) =>
    notice.de(
      `${provider} wurde von Ihrem Konto getrennt`,
      `Am ${when} wurde ein Konto bei ${provider} von Ihrem Hale-Konto getrennt. Damit kann man sich nicht mehr anmelden.`,
    ),
});

export const linkAttemptedLetter = defineLetter<AboutProvider>('link-attempted', {
  en: ({ provider }, when) => ({
    subject: `Sign-in with ${provider} was refused`,
    paragraphs: [
      `On ${when}, somebody tried to sign in to Hale with an account at ${provider} that has your e-mail address. It is not linked to your Hale account, so they were not let in.`,
      `If this was you, first sign in as you usually do, then link ${provider} in the settings. If you forgot your password, set a new one.`,
    ],
    action: 'Set a new password',
    closing: [
      `If this was not you, your Hale account is unchanged. If you have an account at ${provider}, check who else has access to it.`,
    ],
  }),
  de: ({ provider }, when) => ({
    subject: `Anmeldung mit ${provider} wurde abgelehnt`,
    paragraphs: [
      `Am ${when} wollte sich jemand bei Hale mit einem Konto bei ${provider} anmelden, das Ihre E-Mail-Adresse hat. Es ist nicht mit Ihrem Hale-Konto verknüpft; deshalb wurde die Anmeldung abgelehnt.`,
      `Wenn Sie das waren, melden Sie sich zuerst wie gewohnt an und verknüpfen Sie ${provider} in den Einstellungen. Wenn Sie Ihr Passwort vergessen haben, legen Sie ein neues fest.`,
    ],
    action: 'Neues Passwort festlegen',
    closing: [
      `Wenn Sie das nicht waren: Ihr Hale-Konto ist, wie es war. Wenn Sie ein Konto bei ${provider} haben, prüfen Sie, wer noch Zugriff darauf hat.`,
    ],
  }),
});

/** Sent to the owner of an address after somebody else signed up with it and did not verify it. */
export const accountTakenLetter = defineLetter<AboutProvider>('account-taken', {
  en: ({ provider }, when) => ({
    subject: 'Your account now belongs only to you',
    paragraphs: [
      `On ${when}, you signed in to Hale with ${provider}. An account with your e-mail address existed already, but nobody had confirmed the address.`,
      'You have confirmed it, so the account is yours. The person who created it is signed out, and the old password no longer works. The data in the account is still there.',
    ],
    action: 'Set a new password',
    closing: ['You can continue to sign in this way. A password gives you a second way.'],
  }),
  de: ({ provider }, when) => ({
    subject: 'Ihr Konto gehört jetzt nur Ihnen',
    paragraphs: [
      `Am ${when} haben Sie sich mit ${provider} bei Hale angemeldet. Es gab schon ein Konto mit Ihrer E-Mail-Adresse, und niemand hatte die Adresse bestätigt.`,
      'Sie haben es getan; damit gehört das Konto Ihnen. Wer es angelegt hat, ist abgemeldet, und das alte Passwort gilt nicht mehr. Was darin gespeichert war, ist noch da.',
    ],
    action: 'Neues Passwort festlegen',
    closing: ['Sie können sich weiter so anmelden. Mit einem eigenen Passwort haben Sie einen zweiten Weg.'],
  }),
});
