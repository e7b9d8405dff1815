import { defineLetter } from '../../../kernel/letters/letters.js';
import { notByPassword, notice } from '../users/security-notice.js';

export const apiKeyCreatedLetter = defineLetter<{ readonly link: string; readonly keyName: string }>(
  'api-key-created',
  {
    en: ({ keyName }, when) =>
      notice.en(
        'A new API key for your account',
        `On ${when}, an API key was created for your Hale account: “${keyName}”. A program that has the key can use your data as far as the key allows, without your password.`,
        `Then delete the key in the settings. ${notByPassword.en}`,
      ),
    de: ({ keyName }, when) =>
      notice.de(
        'Für Ihr Konto wurde ein API-Schlüssel erstellt',
        `Am ${when} wurde für Ihr Hale-Konto ein API-Schlüssel erstellt: „${keyName}“. Ein Programm, das ihn hat, kann Ihre Daten ohne Ihr Passwort benutzen, soweit der Schlüssel es erlaubt.`,
        `Löschen Sie dann den Schlüssel in den Einstellungen. ${notByPassword.de}`,
      ),
  },
);
