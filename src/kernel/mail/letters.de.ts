import { type Content, hostOf, instantIn, shortened, type Texts } from './letters.js';

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const NOT_YOU =
  'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, hat jemand anderes Zugriff auf Ihr Konto: Legen Sie sofort ein neues Passwort fest. Dabei werden alle Geräte abgemeldet.';
const LOOK =
  'Prüfen Sie dann in den Einstellungen, ob alle Passkeys, verknüpften Konten und API-Schlüssel Ihre sind: Ein neues Passwort beendet sie nicht.';
const STAYS = 'Das neue Passwort allein beendet ihn nicht.';

/**
 * News of something that has happened to the account.
 * @param then what else helps whom it was not, since a new password is not all of it.
 */
const news = (subject: string, what: string, then = LOOK): Content => ({
  subject,
  paragraphs: [what, `${NOT_YOU} ${then}`],
  action: 'Neues Passwort festlegen',
  closing: [],
});

export const german: Texts = {
  greeting: 'Guten Tag!',
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
        `Am ${when} wollte jemand diese Adresse für ein Hale-Konto verwenden. Zu ihr gibt es schon eines; daran wurde nichts geändert.`,
        'Wenn Sie das waren, melden Sie sich an. Wenn Sie Ihr Passwort vergessen haben, legen Sie ein neues fest.',
      ],
      action: 'Neues Passwort festlegen',
      closing: ['Wenn Sie das nicht waren, müssen Sie nichts tun.'],
    }),
    'email-change-confirm': ({ days }) => ({
      subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
      paragraphs: [
        'Sie möchten diese Adresse für Ihr Hale-Konto verwenden. Bitte bestätigen Sie, dass es Ihre ist.',
      ],
      action: 'Neue Adresse bestätigen',
      closing: [
        `Der Link gilt ${counted(days, 'Tag', 'Tage')}.`,
        'Wenn Sie das nicht veranlasst haben, ignorieren Sie diese E-Mail. Dann wird nichts geändert.',
      ],
    }),
    'email-change-asked': (_, when) =>
      news(
        'Eine andere E-Mail-Adresse für Ihr Konto',
        `Am ${when} wollte jemand, der bei Ihrem Hale-Konto angemeldet war, eine andere E-Mail-Adresse dafür verwenden. Diese hier bleibt, bis die andere bestätigt ist.`,
        `Solange die andere Adresse nicht bestätigt ist, hält das auch die Änderung auf. ${LOOK}`,
      ),
    'email-changed': ({ link, newAddress }, when) => ({
      subject: 'Ihre E-Mail-Adresse wurde geändert',
      paragraphs: [
        `Am ${when} wurde die E-Mail-Adresse Ihres Hale-Kontos in ${shortened(newAddress)} geändert. Diese Adresse hier wird nicht mehr verwendet.`,
        `Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, hat jemand anderes Ihr Konto, und ein neues Passwort lässt sich nicht mehr an Sie schicken: Schreiben Sie sofort an die Betreiber von ${hostOf(link)}.`,
      ],
      closing: [],
    }),
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
        'Trennen Sie es dann in den Einstellungen. Das neue Passwort allein genügt nicht.',
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
        `Wenn Sie das waren, melden Sie sich zuerst wie gewohnt an und verknüpfen Sie ${provider} in den Einstellungen. Wenn Sie Ihr Passwort vergessen haben, legen Sie ein neues fest.`,
      ],
      action: 'Neues Passwort festlegen',
      closing: [
        `Wenn Sie das nicht waren: Ihr Hale-Konto ist, wie es war. Wenn Sie ein Konto bei ${provider} haben, prüfen Sie, wer noch Zugriff darauf hat.`,
      ],
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
    'factor-enabled': ({ link, which }, when) =>
      news(
        'Ihre Anmeldung ist jetzt sicherer',
        `Am ${when} wurde für die Anmeldung bei Ihrem Hale-Konto ein zweiter Schritt eingerichtet: ${which}.`,
        `Nach diesem Schritt werden Sie trotzdem gefragt: Schreiben Sie an die Betreiber von ${hostOf(link)}, die ihn entfernen können.`,
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
        `Entfernen Sie dann den Passkey in den Einstellungen. ${STAYS}`,
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
        'Erstellen Sie dann neue Codes in den Einstellungen: Wer einen hatte, hat vielleicht auch die anderen.',
      ),
    'grant-received': (_, when) => ({
      subject: 'Jemand teilt Daten mit Ihnen',
      paragraphs: [
        `Am ${when} hat Ihnen jemand erlaubt, einen Teil seiner Daten in Hale zu lesen.`,
        'In der App finden Sie sie bei dem, was andere mit Ihnen teilen. Die Person sieht, was Sie lesen, und kann es jederzeit beenden.',
      ],
      closing: [],
    }),
    'api-key-created': ({ keyName }, when) =>
      news(
        'Für Ihr Konto wurde ein API-Schlüssel erstellt',
        `Am ${when} wurde für Ihr Hale-Konto ein API-Schlüssel erstellt: „${keyName}“. Ein Programm, das ihn hat, kann Ihre Daten ohne Ihr Passwort benutzen, soweit der Schlüssel es erlaubt.`,
        `Löschen Sie dann den Schlüssel in den Einstellungen. ${STAYS}`,
      ),
    'became-admin': (_, when) => ({
      subject: 'Sie sind jetzt Administrator',
      paragraphs: [
        `Am ${when} hat ein Administrator Ihrem Hale-Konto die Aufgabe gegeben, die Konten anderer zu verwalten.`,
        'Sie wurden überall abgemeldet, und Ihr Passwort gilt nicht mehr. Legen Sie ein neues mit mindestens 15 Zeichen fest. Wenn Ihre Anmeldung noch keinen zweiten Schritt hat, richten Sie in den Einstellungen einen ein.',
      ],
      action: 'Neues Passwort festlegen',
      closing: ['Wenn Sie das nicht erwartet haben, fragen Sie die Betreiber des Dienstes.'],
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
    'account-deleted': ({ link }, when) => ({
      subject: 'Ihr Konto wurde gelöscht',
      paragraphs: [
        `Am ${when} wurde Ihr Hale-Konto gelöscht, mit allem, was darin gespeichert war. Es lässt sich nicht wiederherstellen.`,
        `Wenn Sie das nicht veranlasst haben, kennt vielleicht jemand Ihr Passwort: Ändern Sie es überall, wo Sie es noch verwenden, und schreiben Sie an die Betreiber von ${hostOf(link)}.`,
      ],
      closing: [],
    }),
  },
};
