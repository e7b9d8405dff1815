import { defineLetter, hostOf } from '../../../kernel/letters/letters.js';

/** Kept until it is sent, although the account is gone. */
export const accountDeletedLetter = defineLetter<{ readonly link: string }>('account-deleted', {
  en: ({ link }, when) => ({
    subject: 'Your account was deleted',
    paragraphs: [
      `On ${when}, your Hale account was deleted with all its data. It cannot be restored.`,
      `If you did not ask for this, somebody may know your password: change it wherever else you use it, and write to the operator of ${hostOf(link)}.`,
    ],
    closing: [],
  }),
  de: ({ link }, when) => ({
    subject: 'Ihr Konto wurde gelöscht',
    paragraphs: [
      `Am ${when} wurde Ihr Hale-Konto gelöscht, mit allem, was darin gespeichert war. Es lässt sich nicht wiederherstellen.`,
      `Wenn Sie das nicht veranlasst haben, kennt vielleicht jemand Ihr Passwort: Ändern Sie es überall, wo Sie es noch verwenden, und schreiben Sie an die Betreiber von ${hostOf(link)}.`,
    ],
    closing: [],
  }),
});
