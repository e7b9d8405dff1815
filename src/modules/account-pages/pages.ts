import type { Language } from '../../kernel/mail/language.js';

const PAGES = ['verify-email', 'confirm-email', 'reset-password', 'forgot-password'] as const;
type PageName = (typeof PAGES)[number];

export const isPage = (name: string): name is PageName => PAGES.some((page) => page === name);

interface Field {
  readonly name: string;
  readonly type: string;
  readonly autocomplete: string;
}

/** What each page asks for beside the token of its link; the names are those of the request. */
const FIELDS: Readonly<Record<PageName, Field | undefined>> = {
  'verify-email': undefined,
  'confirm-email': undefined,
  'reset-password': { name: 'new_password', type: 'password', autocomplete: 'new-password' },
  'forgot-password': { name: 'email', type: 'email', autocomplete: 'email' },
};

interface PageText {
  readonly title: string;
  readonly says: string;
  readonly label?: string;
  readonly button: string;
  readonly done: string;
  /** Of what was typed in. Without it the service says why, in English. */
  readonly refused?: string;
}

interface Texts {
  readonly pages: Readonly<Record<PageName, PageText>>;
  readonly failed: string;
  readonly taken: string;
  readonly expired: string;
  readonly busy: string;
}

const english: Texts = {
  pages: {
    'verify-email': {
      title: 'Confirm your address',
      says: 'Show that mail sent to your address reaches you.',
      button: 'Confirm',
      done: 'Your address is confirmed. You can go back to the app.',
    },
    'confirm-email': {
      title: 'Use your new address',
      says: 'From now on you sign in with this address.',
      button: 'Use it',
      done: 'Your address has changed. Sign in with the new one.',
    },
    'reset-password': {
      title: 'Set a new password',
      says: 'At least eight characters. All devices are signed out.',
      label: 'New password',
      button: 'Set password',
      done: 'Your password is set. Sign in with it in the app.',
    },
    'forgot-password': {
      title: 'Forgot your password?',
      says: 'A link to set a new one is mailed to you.',
      label: 'E-mail address',
      button: 'Mail me a link',
      done: 'If there is an account with this address, the mail is on its way.',
    },
  },
  failed: 'That did not work. Please try again.',
  taken: 'Somebody else uses this address meanwhile.',
  expired: 'This link does not work any more. Ask for a new one.',
  busy: 'That was too often. Please try again later.',
};

const german: Texts = {
  pages: {
    'verify-email': {
      title: 'Adresse bestätigen',
      says: 'Zeigen Sie, dass E-Mails an Ihre Adresse bei Ihnen ankommen.',
      button: 'Bestätigen',
      done: 'Ihre Adresse ist bestätigt. Sie können zur App zurückkehren.',
    },
    'confirm-email': {
      title: 'Neue Adresse verwenden',
      says: 'Ab jetzt melden Sie sich mit dieser Adresse an.',
      button: 'Verwenden',
      done: 'Ihre Adresse ist geändert. Melden Sie sich mit der neuen an.',
    },
    'reset-password': {
      title: 'Neues Passwort festlegen',
      says: 'Mindestens acht Zeichen. Alle Geräte werden abgemeldet.',
      label: 'Neues Passwort',
      button: 'Festlegen',
      done: 'Ihr Passwort ist festgelegt. Melden Sie sich damit in der App an.',
      refused:
        'Dieses Passwort geht nicht: Es ist zu kurz oder zu lang, sehr verbreitet oder Ihre E-Mail-Adresse. Administratoren brauchen mindestens 15 Zeichen.',
    },
    'forgot-password': {
      title: 'Passwort vergessen?',
      says: 'Sie bekommen einen Link, mit dem Sie ein neues festlegen.',
      label: 'E-Mail-Adresse',
      button: 'Link schicken',
      done: 'Wenn es ein Konto mit dieser Adresse gibt, ist die E-Mail unterwegs.',
      refused: 'Das ist keine E-Mail-Adresse.',
    },
  },
  failed: 'Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.',
  taken: 'Diese Adresse verwendet inzwischen jemand anderes.',
  expired: 'Dieser Link gilt nicht mehr. Fordern Sie einen neuen an.',
  busy: 'Das war zu oft. Bitte versuchen Sie es später noch einmal.',
};

const texts: Readonly<Record<Language, Texts>> = { en: english, de: german };

/** One page: a heading, a sentence, at most one field, and a button, so that no program that follows links uses them up. */
export function pageOf(name: PageName, language: Language): string {
  const { pages, failed, taken, expired, busy } = texts[language];
  const { title, says, label, button, done, refused } = pages[name];
  const outcomes = { done, failed, 409: taken, 410: expired, 422: refused, 429: busy };
  const data = Object.entries(outcomes).map(([key, text]) =>
    text === undefined ? '' : ` data-${key}="${text}"`,
  );
  const field = FIELDS[name];
  const input = field
    ? `<label>${label}<input name="${field.name}" type="${field.type}" autocomplete="${field.autocomplete}" required></label>`
    : '';
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
<p>${says}</p>
<form data-path="/api/auth/${name}"${data.join('')}>
${input}
<button>${button}</button>
</form>
<p id="outcome" role="status"></p>
</main>
</body>
</html>
`;
}

/** The token is taken out of the address before anything else can read it there. */
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
`;
