import { defineLetter } from '../../../kernel/letters/letters.js';

export const sessionStolenLetter = defineLetter<{ readonly link: string }>('session-stolen', {
  en: (_, when) => ({
    subject: 'We signed out one of your devices',
    paragraphs: [
      `On ${when}, the sign-in of one of your devices was used in two places. Somebody may have copied it, so we ended it. Both places have to sign in again.`,
      'If you did not restore the device from a backup, set a new password. This signs out every device.',
    ],
    action: 'Set a new password',
    closing: [],
  }),
  de: (_, when) => ({
    subject: 'Wir haben ein Gerät abgemeldet',
    paragraphs: [
      `Am ${when} wurde die Anmeldung eines Ihrer Geräte an zwei Stellen benutzt. Jemand könnte sie kopiert haben; deshalb haben wir sie beendet, und beide müssen sich neu anmelden.`,
      'Wenn Sie das Gerät nicht aus einem Backup wiederhergestellt haben, legen Sie ein neues Passwort fest. Dabei werden alle Geräte abgemeldet.',
    ],
    action: 'Neues Passwort festlegen',
    closing: [],
  }),
});
