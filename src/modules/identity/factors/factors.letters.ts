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
