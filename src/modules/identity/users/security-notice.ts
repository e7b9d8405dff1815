import type { Content, Language } from '../../../kernel/letters/letters.js';

/** Advice besides the new password, for a reader who did not do it. */
export const checkSettings: Readonly<Record<Language, string>> = {
  en: 'Then check in the settings that every passkey, linked account and API key is yours: a new password does not remove them.',
  de: 'Prüfen Sie dann in den Einstellungen, ob alle Passkeys, verknüpften Konten und API-Schlüssel Ihre sind: Ein neues Passwort beendet sie nicht.',
};

export const notByPassword: Readonly<Record<Language, string>> = {
  en: 'The new password alone does not stop it.',
  de: 'Das neue Passwort allein beendet ihn nicht.',
};

const notYou: Readonly<Record<Language, string>> = {
  en: 'If this was you, you do not need to do anything. If it was not, somebody else has access to your account: set a new password at once. This signs out every device.',
  de: 'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, hat jemand anderes Zugriff auf Ihr Konto: Legen Sie sofort ein neues Passwort fest. Dabei werden alle Geräte abgemeldet.',
};

const newPassword: Readonly<Record<Language, string>> = {
  en: 'Set a new password',
  de: 'Neues Passwort festlegen',
};

/** @param then further advice for a reader who did not do it, because a new password is not enough. */
type Notice = (subject: string, what: string, then?: string) => Content;

const noticeIn =
  (language: Language): Notice =>
  (subject, what, then = checkSettings[language]) => ({
    subject,
    paragraphs: [what, `${notYou[language]} ${then}`],
    action: newPassword[language],
    closing: [],
  });

/** Tells the owner of an account what happened to it, and what to do if somebody else did it. */
export const notice: Readonly<Record<Language, Notice>> = { en: noticeIn('en'), de: noticeIn('de') };
