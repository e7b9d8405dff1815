import { type Content, instantIn, shortened, type Texts } from './letters.js';

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const NOT_YOU =
  'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, hat jemand anderes Zugriff auf Ihr Konto: Legen Sie sofort ein neues Passwort fest. Dabei werden alle Geräte abgemeldet.';

/** News of something that has happened to the account. */
const news = (subject: string, ...paragraphs: string[]): Content => ({
  subject,
  paragraphs: [...paragraphs, NOT_YOU],
  action: 'Neues Passwort festlegen',
  closing: [],
});

export const german: Texts = {
  greeting: 'Guten Tag,',
  orCopy: 'Oder kopieren Sie diese Adresse in Ihren Browser:',
  signature: 'Diese E-Mail wurde automatisch von Hale verschickt.',
  when: instantIn('de'),
  letters: {
    'verify-email': ({ days }) => ({
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
      paragraphs: ['Willkommen bei Hale. Bitte bestätigen Sie, dass dies Ihre E-Mail-Adresse ist.'],
      action: 'Adresse bestätigen',
      closing: [
        `Der Link gilt ${counted(days, 'Tag', 'Tage')}.`,
        'Wenn Sie sich nicht bei Hale registriert haben, ignorieren Sie diese E-Mail.',
      ],
    }),
    'already-registered': (_, when) => ({
      subject: 'Sie haben bereits ein Konto',
      paragraphs: [
        `Am ${when} wollte sich jemand mit dieser Adresse bei Hale registrieren. Zu ihr gibt es schon ein Konto; daran wurde nichts geändert.`,
        'Wenn Sie das waren, melden Sie sich an. Wenn Sie Ihr Passwort vergessen haben, legen Sie ein neues fest.',
      ],
      action: 'Neues Passwort festlegen',
      closing: ['Wenn Sie das nicht waren, müssen Sie nichts tun.'],
    }),
    'email-change-confirm': () => ({
      subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
      paragraphs: [
        'Sie möchten diese Adresse für Ihr Hale-Konto verwenden. Bitte bestätigen Sie, dass es Ihre ist.',
      ],
      action: 'Neue Adresse bestätigen',
      closing: [
        'Wenn Sie das nicht veranlasst haben, ignorieren Sie diese E-Mail. Dann wird nichts geändert.',
      ],
    }),
    'email-changed': ({ newAddress }, when) =>
      news(
        'Ihre E-Mail-Adresse wurde geändert',
        `Am ${when} wurde die E-Mail-Adresse Ihres Hale-Kontos in ${shortened(newAddress)} geändert. Diese Adresse hier wird nicht mehr verwendet.`,
      ),
    'password-reset': ({ minutes }, when) => ({
      subject: 'Neues Passwort festlegen',
      paragraphs: [`Am ${when} hat jemand ein neues Passwort für Ihr Hale-Konto angefordert.`],
      action: 'Neues Passwort festlegen',
      closing: [
        `Der Link gilt einmal und ${counted(minutes, 'Minute', 'Minuten')} lang.`,
        'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail. Ihr Passwort bleibt, wie es ist.',
      ],
    }),
    'password-changed': (_, when) =>
      news('Ihr Passwort wurde geändert', `Am ${when} wurde das Passwort Ihres Hale-Kontos geändert.`),
    'identity-linked': ({ provider }, when) =>
      news(
        `${provider} wurde mit Ihrem Konto verknüpft`,
        `Am ${when} wurde ein Konto bei ${provider} mit Ihrem Hale-Konto verknüpft. Damit kann man sich von nun an anmelden.`,
      ),
    'identity-unlinked': ({ provider }, when) =>
      news(
        `${provider} wurde von Ihrem Konto getrennt`,
        `Am ${when} wurde ein Konto bei ${provider} von Ihrem Hale-Konto getrennt. Damit kann man sich nicht mehr anmelden.`,
      ),
    'link-attempted': ({ provider }, when) => ({
      subject: `Anmeldung mit ${provider} wurde abgelehnt`,
      paragraphs: [
        `Am ${when} wollte sich jemand bei Hale mit einem Konto bei ${provider} anmelden, das Ihre E-Mail-Adresse hat. Es ist nicht mit Ihrem Hale-Konto verknüpft; deshalb wurde die Anmeldung abgelehnt.`,
        `Wenn Sie das waren, melden Sie sich zuerst mit Ihrem Passwort an und verknüpfen Sie ${provider} in den Einstellungen. Wenn Sie Ihr Passwort vergessen haben, legen Sie ein neues fest.`,
      ],
      action: 'Neues Passwort festlegen',
      closing: [`Wenn Sie das nicht waren, prüfen Sie, wer noch Zugriff auf Ihr Konto bei ${provider} hat.`],
    }),
    'account-taken': ({ provider }, when) => ({
      subject: 'Ihr Konto gehört jetzt nur Ihnen',
      paragraphs: [
        `Am ${when} haben Sie sich mit ${provider} bei Hale angemeldet. Es gab schon ein Konto mit Ihrer E-Mail-Adresse, und niemand hatte die Adresse bestätigt.`,
        'Sie haben es getan; damit gehört das Konto Ihnen. Wer es angelegt hat, ist abgemeldet, und das alte Passwort gilt nicht mehr. Was darin gespeichert war, ist noch da.',
      ],
      action: 'Neues Passwort festlegen',
      closing: [
        'Sie können sich weiter so anmelden. Mit einem eigenen Passwort haben Sie einen zweiten Weg.',
      ],
    }),
    'factor-enabled': ({ which }, when) =>
      news(
        'Ihre Anmeldung ist jetzt sicherer',
        `Am ${when} wurde für die Anmeldung bei Ihrem Hale-Konto ein zweiter Schritt eingerichtet: ${which}.`,
      ),
    'factor-disabled': ({ which }, when) =>
      news(
        'Ein Schritt Ihrer Anmeldung wurde entfernt',
        `Am ${when} wurde für die Anmeldung bei Ihrem Hale-Konto ein zweiter Schritt entfernt: ${which}.`,
      ),
    'passkey-added': ({ passkey }, when) =>
      news(
        'Zu Ihrem Konto wurde ein Passkey hinzugefügt',
        `Am ${when} wurde zu Ihrem Hale-Konto ein Passkey hinzugefügt: ${passkey}. Damit kann man sich von nun an anmelden.`,
      ),
    'passkey-removed': ({ passkey }, when) =>
      news(
        'Ein Passkey wurde von Ihrem Konto entfernt',
        `Am ${when} wurde von Ihrem Hale-Konto ein Passkey entfernt: ${passkey}. Damit kann man sich nicht mehr anmelden.`,
      ),
    'recovery-code-used': ({ left }, when) =>
      news(
        'Ein Wiederherstellungscode wurde benutzt',
        `Am ${when} hat sich jemand mit einem Wiederherstellungscode bei Ihrem Hale-Konto angemeldet. Der Code gilt nicht noch einmal. Sie haben noch ${left === 0 ? 'keinen Code' : counted(left, 'Code', 'Codes')}; neue erstellen Sie in den Einstellungen.`,
      ),
    'grant-received': (_, when) => ({
      subject: 'Jemand teilt Daten mit Ihnen',
      paragraphs: [`Am ${when} hat Ihnen jemand erlaubt, einen Teil seiner Daten in Hale zu lesen.`],
      action: 'Hale öffnen',
      closing: [
        'Sie finden sie bei dem, was andere mit Ihnen teilen. Die Person sieht, was Sie lesen, und kann es jederzeit beenden.',
      ],
    }),
    'api-key-created': ({ keyName }, when) => ({
      subject: 'Für Ihr Konto wurde ein API-Schlüssel erstellt',
      paragraphs: [
        `Am ${when} wurde für Ihr Hale-Konto ein API-Schlüssel erstellt: „${keyName}“. Ein Programm, das ihn hat, kann Ihre Daten ohne Ihr Passwort benutzen, soweit der Schlüssel es erlaubt.`,
        'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, hat jemand anderes Zugriff auf Ihr Konto: Legen Sie sofort ein neues Passwort fest und löschen Sie dann den Schlüssel in den Einstellungen. Das neue Passwort allein beendet ihn nicht.',
      ],
      action: 'Neues Passwort festlegen',
      closing: [],
    }),
    'session-stolen': (_, when) => ({
      subject: 'Wir haben ein Gerät abgemeldet',
      paragraphs: [
        `Am ${when} wurde die Anmeldung eines Ihrer Geräte an zwei Stellen benutzt. Jemand könnte sie kopiert haben; deshalb haben wir sie beendet, und beide müssen sich neu anmelden.`,
        'Wenn Sie das Gerät nicht aus einem Backup wiederhergestellt haben, legen Sie ein neues Passwort fest. Dabei werden alle Geräte abgemeldet.',
      ],
      action: 'Neues Passwort festlegen',
      closing: [],
    }),
    'account-deleted': (_, when) => ({
      subject: 'Ihr Konto wurde gelöscht',
      paragraphs: [
        `Am ${when} wurde Ihr Hale-Konto gelöscht, mit allem, was darin gespeichert war. Es lässt sich nicht wiederherstellen.`,
        'Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Ändern Sie es überall, wo Sie es noch verwenden.',
      ],
      action: 'Zu Hale',
      closing: [],
    }),
  },
};
