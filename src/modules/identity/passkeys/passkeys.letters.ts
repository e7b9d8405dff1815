import { defineLetter } from '../../../kernel/letters/letters.js';
import { notByPassword, notice } from '../users/security-notice.js';

export const passkeyAddedLetter = defineLetter<{ readonly link: string; readonly passkey: string }>(
  'passkey-added',
  {
    en: ({ passkey }, when) =>
      notice.en(
        'A passkey was added to your account',
        `On ${when}, a passkey was added to your Hale account: ${passkey}. It can be used to sign in from now on.`,
        `Then remove the passkey in the settings. ${notByPassword.en}`,
      ),
    de: ({ passkey }, when) =>
      notice.de(
        'Zu Ihrem Konto wurde ein Passkey hinzugefügt',
        `Am ${when} wurde zu Ihrem Hale-Konto ein Passkey hinzugefügt: ${passkey}. Damit kann man sich von nun an anmelden.`,
        `Entfernen Sie dann den Passkey in den Einstellungen. ${notByPassword.de}`,
      ),
  },
);

export const passkeyRemovedLetter = defineLetter<{ readonly link: string; readonly passkey: string }>(
  'passkey-removed',
  {
    en: ({ passkey }, when) =>
      notice.en(
        'A passkey was removed from your account',
        `On ${when}, a passkey was removed from your Hale account: ${passkey}. It can no longer be used to sign in.`,
      ),
    de: ({ passkey }, when) =>
      notice.de(
        'Ein Passkey wurde von Ihrem Konto entfernt',
        `Am ${when} wurde von Ihrem Hale-Konto ein Passkey entfernt: ${passkey}. Damit kann man sich nicht mehr anmelden.`,
      ),
  },
);
