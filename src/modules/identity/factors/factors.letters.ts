import { counted, defineLetter, hostOf } from '../../../kernel/letters/letters.js';
import { notice } from '../users/security-notice.js';

/** `which` is the same name in every language. */
export const factorEnabledLetter = defineLetter<{ readonly link: string; readonly which: string }>(
  'factor-enabled',
  {
    en: ({ link, which }, when) =>
      notice.en(
        'Sign-in was made safer',
        `On ${when}, a second step was added to the sign-in of your Hale account: ${which}.`,
        `A new password does not remove this step. Write to the operator of ${hostOf(link)}, who can remove it.`,
      ),
    de: ({ link, which }, when) =>
      notice.de(
        'Ihre Anmeldung ist jetzt sicherer',
        `Am ${when} wurde für die Anmeldung bei Ihrem Hale-Konto ein zweiter Schritt eingerichtet: ${which}.`,
        `Ein neues Passwort entfernt diesen Schritt nicht. Schreiben Sie an die Betreiber von ${hostOf(link)}, die ihn entfernen können.`,
      ),
  },
);

export const factorDisabledLetter = defineLetter<{ readonly link: string; readonly which: string }>(
  'factor-disabled',
  {
    en: ({ which }, when) =>
      notice.en(
        'A step of your sign-in was removed',
        `On ${when}, a second step was removed from the sign-in of your Hale account: ${which}.`,
      ),
    de: ({ which }, when) =>
      notice.de(
        'Ein Schritt Ihrer Anmeldung wurde entfernt',
        `Am ${when} wurde für die Anmeldung bei Ihrem Hale-Konto ein zweiter Schritt entfernt: ${which}.`,
      ),
  },
);

export const recoveryCodeUsedLetter = defineLetter<{ readonly link: string; readonly left: number }>(
  'recovery-code-used',
  {
    en: ({ left }, when) =>
      notice.en(
        'A recovery code was used',
        `On ${when}, somebody signed in to your Hale account with a recovery code. The code does not work again. You have ${left === 0 ? 'none' : counted(left, 'code', 'codes')} left; you can create new ones in the settings.`,
        'Then create new codes in the settings: a person who had one code may have the others.',
      ),
    de: ({ left }, when) =>
      notice.de(
        'Ein Wiederherstellungscode wurde benutzt',
        `Am ${when} hat sich jemand mit einem Wiederherstellungscode bei Ihrem Hale-Konto angemeldet. Der Code gilt nicht noch einmal. Sie haben noch ${left === 0 ? 'keinen Code' : counted(left, 'Code', 'Codes')}; neue erstellen Sie in den Einstellungen.`,
        'Erstellen Sie dann neue Codes in den Einstellungen: Wer einen hatte, hat vielleicht auch die anderen.',
      ),
  },
);

/** Sent to a person whose password others may know: a code is accepted only after it, or in a session. */
export const codesGuessedLetter = defineLetter<{ readonly link: string }>('codes-guessed', {
  en: (_, when) => ({
    subject: 'Somebody may know your password',
    paragraphs: [
      `Until ${when}, several wrong codes in a row were given for your Hale account, and refused. The service asks for a code only after your password or a linked account, or on a device that is signed in.`,
      'If this was you, you do not need to do anything. If it was not, somebody knows your password: set a new one at once. This signs out every device.',
    ],
    action: 'Set a new password',
    closing: [
      'After too many wrong codes the codes of your authenticator app are refused. Then use a recovery code, or a device on which you signed in before.',
    ],
  }),
  de: (_, when) => ({
    subject: 'Jemand kennt vielleicht Ihr Passwort',
    paragraphs: [
      `Bis ${when} wurden für Ihr Hale-Konto mehrere falsche Codes hintereinander eingegeben und abgelehnt. Nach einem Code fragt der Dienst nur nach Ihrem Passwort oder einem verknüpften Konto, oder auf einem angemeldeten Gerät.`,
      'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, kennt jemand Ihr Passwort: Legen Sie sofort ein neues fest. Dabei werden alle Geräte abgemeldet.',
    ],
    action: 'Neues Passwort festlegen',
    closing: [
      'Nach zu vielen falschen Codes werden die Codes Ihrer Authenticator-App abgelehnt. Benutzen Sie dann einen Wiederherstellungscode oder ein Gerät, auf dem Sie schon angemeldet waren.',
    ],
  }),
});
