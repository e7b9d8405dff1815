import type { Language } from '../../../kernel/letters/language.js';

const PAGES = ['verify-email', 'confirm-email', 'reset-password', 'forgot-password'] as const;
export type PageName = (typeof PAGES)[number];

export const isPage = (name: string): name is PageName => PAGES.some((page) => page === name);

interface Field {
  readonly name: string;
  readonly type: string;
  readonly autocomplete: string;
}

/** The field that each page shows; the token comes from the link. Names are those of the request. */
const FIELDS: Readonly<Record<PageName, Field>> = {
  'verify-email': { name: 'password', type: 'password', autocomplete: 'current-password' },
  'confirm-email': { name: 'password', type: 'password', autocomplete: 'current-password' },
  'reset-password': { name: 'new_password', type: 'password', autocomplete: 'new-password' },
  'forgot-password': { name: 'email', type: 'email', autocomplete: 'email' },
};

interface PageText {
  readonly title: string;
  readonly intro: string;
  readonly label: string;
  readonly button: string;
  readonly done: string;
  /** Shown below the form, with a link to the page for a new password. */
  readonly otherwise?: string;
  /** Shown for an invalid value. Without it the page shows the messages of the service, in English. */
  readonly refused?: string;
}

interface Texts {
  readonly pages: Readonly<Record<PageName, PageText>>;
  /** The link to the page for a new password. */
  readonly newPassword: string;
  readonly failed: string;
  readonly wrongPassword: string;
  readonly taken: string;
  readonly expired: string;
  readonly busy: string;
}

const english: Texts = {
  pages: {
    'verify-email': {
      title: 'Confirm your address',
      intro: 'Enter the password that you chose when you signed up with this address.',
      label: 'Password',
      button: 'Confirm',
      done: 'Your address is confirmed. You can go back to the app.',
      otherwise:
        'If you signed up without a password, open the link in the app. If you did not sign up, or do not know the password, set a new one: then the account belongs only to you.',
    },
    'confirm-email': {
      title: 'Use your new address',
      intro: 'From now on you sign in with this address. Enter the password of your account.',
      label: 'Password',
      button: 'Use it',
      done: 'Your address has changed. Sign in with the new one.',
      otherwise:
        'If your account has no password, open the link in the app in which you asked for the change. If you did not ask for it, close this page: then nothing changes.',
    },
    'reset-password': {
      title: 'Set a new password',
      intro: 'At least eight characters. All devices are signed out.',
      label: 'New password',
      button: 'Set password',
      done: 'Your password is set. You can now sign in with it in the app.',
    },
    'forgot-password': {
      title: 'Forgot your password?',
      intro: 'We will send you a link to set a new password.',
      label: 'E-mail address',
      button: 'Send the link',
      done: 'If an account has this address, we have sent the mail.',
    },
  },
  newPassword: 'Set a new password',
  failed: 'That did not work. Please try again.',
  wrongPassword: 'This is not the password of the account that asked for this mail.',
  taken: 'Another account uses this address now.',
  expired: 'This link no longer works. Please request a new one.',
  busy: 'Too many attempts. Please try again later.',
};

const german: Texts = {
  pages: {
    'verify-email': {
      title: 'Adresse bestätigen',
      intro: 'Geben Sie das Passwort ein, das Sie bei der Registrierung mit dieser Adresse gewählt haben.',
      label: 'Passwort',
      button: 'Bestätigen',
      done: 'Ihre Adresse ist bestätigt. Sie können zur App zurückkehren.',
      otherwise:
        'Wenn Sie sich ohne Passwort registriert haben, öffnen Sie den Link in der App. Wenn Sie sich nicht registriert haben oder das Passwort nicht wissen, legen Sie ein neues fest: Dann gehört das Konto nur Ihnen.',
    },
    'confirm-email': {
      title: 'Neue Adresse verwenden',
      intro: 'Ab jetzt melden Sie sich mit dieser Adresse an. Geben Sie das Passwort Ihres Kontos ein.',
      label: 'Passwort',
      button: 'Verwenden',
      done: 'Ihre Adresse ist geändert. Melden Sie sich mit der neuen an.',
      otherwise:
        'Wenn Ihr Konto kein Passwort hat, öffnen Sie den Link in der App, in der Sie die Änderung veranlasst haben. Wenn Sie das nicht waren, schließen Sie diese Seite: Dann ändert sich nichts.',
    },
    'reset-password': {
      title: 'Neues Passwort festlegen',
      intro: 'Mindestens acht Zeichen. Alle Geräte werden abgemeldet.',
      label: 'Neues Passwort',
      button: 'Festlegen',
      done: 'Ihr Passwort ist festgelegt. Melden Sie sich damit in der App an.',
      refused:
        'Dieses Passwort geht nicht: Es ist zu kurz oder zu lang, sehr verbreitet oder Ihre E-Mail-Adresse. Administratoren brauchen mindestens 15 Zeichen.',
    },
    'forgot-password': {
      title: 'Passwort vergessen?',
      intro: 'Sie bekommen einen Link, mit dem Sie ein neues festlegen.',
      label: 'E-Mail-Adresse',
      button: 'Link schicken',
      done: 'Wenn es ein Konto mit dieser Adresse gibt, ist die E-Mail unterwegs.',
      refused: 'Das ist keine E-Mail-Adresse.',
    },
  },
  newPassword: 'Neues Passwort festlegen',
  failed: 'Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.',
  wrongPassword: 'Das ist nicht das Passwort des Kontos, für das diese E-Mail angefordert wurde.',
  taken: 'Diese Adresse verwendet inzwischen jemand anderes.',
  expired: 'Dieser Link gilt nicht mehr. Fordern Sie einen neuen an.',
  busy: 'Das war zu oft. Bitte versuchen Sie es später noch einmal.',
};

const texts: Readonly<Record<Language, Texts>> = { en: english, de: german };

/** Builds one page. It acts only when the button is pressed, so that programs that follow links do not use up the token. */
export function pageOf(name: PageName, language: Language): string {
  const { pages, newPassword, failed, wrongPassword, taken, expired, busy } = texts[language];
  const { title, intro, label, button, done, refused, otherwise } = pages[name];
  const outcomes = { done, failed, 403: wrongPassword, 409: taken, 410: expired, 422: refused, 429: busy };
  const data = Object.entries(outcomes).map(([key, text]) =>
    text === undefined ? '' : ` data-${key}="${text}"`,
  );
  const field = FIELDS[name];
  const help =
    otherwise === undefined
      ? ''
      : `<p class="help">${otherwise}</p>\n<p class="help"><a href="forgot-password">${newPassword}</a></p>`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${intro}</p>
<form data-path="/api/auth/${name}"${data.join('')}>
<label>${label}<input name="${field.name}" type="${field.type}" autocomplete="${field.autocomplete}" required></label>
<button>${button}</button>
</form>
<p id="outcome" role="status"></p>
${help}
</main>
</body>
</html>
`;
}

/** Removes the token from the address bar first, so that no other code on the page can read it there. */
export const SCRIPT = `const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);
const form = document.querySelector('form');
const outcome = document.querySelector('#outcome');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  outcome.textContent = '';
  try {
    const body = { ...Object.fromEntries(new FormData(form)), ...(token === null ? {} : { token }) };
    const answer = await fetch(form.dataset.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.ok) form.hidden = true;
    outcome.textContent = answer.ok ? form.dataset.done : reason(answer.status, text);
  } catch {
    outcome.textContent = form.dataset.failed;
  }
  button.disabled = false;
});
function reason(status, text) {
  const said = form.dataset[status];
  if (said !== undefined) return said;
  const { errors = [] } = JSON.parse(text);
  return errors.map(({ message }) => message).join('. ') || form.dataset.failed;
}
`;

export const STYLE = `body { margin: 0; padding: 24px; font: 16px/1.5 system-ui, sans-serif; color: #171717; background: #fff }
main { max-width: 400px; margin: 10vh auto 0 }
h1 { font-size: 24px; line-height: 1.2 }
label { display: block; margin: 16px 0 }
input { display: block; box-sizing: border-box; width: 100%; padding: 12px; font: inherit; border: 1px solid #737373; border-radius: 6px }
button { padding: 12px 20px; font: inherit; font-weight: bold; color: #fff; background: #1e3a8a; border: 0; border-radius: 6px }
button:disabled { opacity: .6 }
a { color: #1e3a8a }
.help { font-size: 14px; color: #525252 }
`;
