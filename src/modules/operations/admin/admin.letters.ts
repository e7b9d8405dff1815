import { defineLetter } from '../../../kernel/letters/letters.js';

/** Sent when an account becomes an admin account; its password was removed. */
export const becameAdminLetter = defineLetter<{ readonly link: string }>('became-admin', {
  en: (_, when) => ({
    subject: 'You are an admin now',
    paragraphs: [
      `On ${when}, an admin gave your Hale account the role of an admin, who manages the accounts of others.`,
      'You were signed out everywhere, and your password no longer works. Set a new one of at least 15 characters. If your sign-in has no second step yet, add one in the settings.',
    ],
    action: 'Set a new password',
    closing: ['If you did not expect this, ask the operator of the service.'],
  }),
  de: (_, when) => ({
    subject: 'Sie sind jetzt Administrator',
    paragraphs: [
      `Am ${when} hat ein Administrator Ihrem Hale-Konto die Aufgabe gegeben, die Konten anderer zu verwalten.`,
      'Sie wurden überall abgemeldet, und Ihr Passwort gilt nicht mehr. Legen Sie ein neues mit mindestens 15 Zeichen fest. Wenn Ihre Anmeldung noch keinen zweiten Schritt hat, richten Sie in den Einstellungen einen ein.',
    ],
    action: 'Neues Passwort festlegen',
    closing: ['Wenn Sie das nicht erwartet haben, fragen Sie die Betreiber des Dienstes.'],
  }),
});
