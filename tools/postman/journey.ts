/** One request of the collection. */
export interface Step {
  /** `operationId` of the operation. */
  readonly operation: string;
  /** Distinguishes several calls of one operation. */
  readonly name?: string;
  /** Fields of the body that differ from the documented example. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Values of parameters; the others are in the request, but disabled. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The expected status, if it is not the documented success. */
  readonly status?: number;
  /** Variables to set afterwards: JavaScript that reads `body` and `headers` of the answer. */
  readonly saves?: Readonly<Record<string, string>>;
}

export interface Chapter {
  readonly name: string;
  readonly description: string;
  readonly steps: readonly Step[];
}

const tokens = { access_token: 'body.access_token', refresh_token: 'body.refresh_token' };
const weight = { id: '{{weight_id}}' };
const medication = { id: '{{medication_id}}' };
const lot = { id: '{{lot_id}}' };
const schedule = { id: '{{schedule_id}}' };
const intake = { id: '{{intake_id}}' };
const recipe = { id: '{{recipe_id}}' };
const mealPlan = { id: '{{meal_plan_id}}' };
const goal = { id: '{{goal_id}}' };
const nobody = { id: '00000000-0000-4000-8000-000000000000' };
const google = {
  provider: 'google',
  redirect_uri: 'https://hale.example.org/signed-in',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};
const reason = { reason: 'support' };
/** Postman creates a new one for each request. */
const newKey = { 'Idempotency-Key': '{{$randomUUID}}' };

/** An update of the weight that was sent first. */
const change = (id: string, clientSeq: number, value: number) => ({
  mutation_id: id,
  client_seq: clientSeq,
  kind: 'weight',
  id: '{{record_id}}',
  op: 'update',
  base_version: 1,
  modified_at: '2026-01-06T20:40:00.000Z',
  fields: { weight_value: value, unit: 'kg', timestamp: '2026-01-06T20:30:00.000Z' },
});

/** The operations in an order that works from top to bottom on an empty server, and deletes everything it created. */
export const journey: readonly Chapter[] = [
  {
    name: '1 A new account',
    description: 'Every run creates a new account.',
    steps: [
      {
        operation: 'register',
        body: { email: '{{$randomUUID}}@example.org', password: '{{password}}' },
        saves: { ...tokens, email: 'body.user.email' },
      },
      { operation: 'getProfile' },
      { operation: 'updateProfile' },
    ],
  },
  {
    name: '2 Weights',
    description: 'One at a time.',
    steps: [
      { operation: 'createWeight', parameters: newKey, saves: { weight_id: 'body.id' } },
      { operation: 'listWeights', parameters: { limit: '100', offset: '0' } },
      { operation: 'getWeight', parameters: weight },
      { operation: 'updateWeight', parameters: weight },
    ],
  },
  {
    name: '3 A phone that was offline',
    description: 'Sends its changes, then gets the changes of other devices.',
    steps: [
      { operation: 'pushWeights', parameters: newKey },
      {
        operation: 'pullWeights',
        saves: { next_since: 'body.next_since', etag: "headers.get('ETag')" },
      },
      {
        operation: 'pullWeights',
        name: 'the same request again, without changes',
        parameters: { 'If-None-Match': '{{etag}}' },
        status: 304,
      },
      { operation: 'deleteWeight', parameters: weight },
      {
        operation: 'pullWeights',
        name: 'the deletion',
        parameters: { since: '{{next_since}}' },
        saves: { next_since: 'body.next_since' },
      },
    ],
  },
  {
    name: '4 Sync',
    description: 'Two devices of one person, every kind of record, and a conflict.',
    steps: [
      {
        operation: 'syncStatus',
        saves: { epoch: 'body.epoch' },
      },
      {
        operation: 'pushChanges',
        parameters: newKey,
        body: { epoch: '{{epoch}}' },
        saves: { record_id: 'body.results[0].id' },
      },
      { operation: 'pullChanges', saves: { cursor: 'body.cursor' } },
      {
        operation: 'pushChanges',
        name: 'a change of version 1',
        body: { epoch: '{{epoch}}', mutations: [change('{{$randomUUID}}', 2, 74)] },
      },
      {
        operation: 'pushChanges',
        name: 'another change of version 1, from a tablet',
        body: {
          epoch: '{{epoch}}',
          client_id: 'b7d20f14-tablet',
          mutations: [change('{{$randomUUID}}', 1, 77)],
        },
        saves: { conflict_id: 'body.results[0].conflict_id' },
      },
      { operation: 'pullChanges', name: 'changes since the cursor', parameters: { cursor: '{{cursor}}' } },
      { operation: 'listConflicts', parameters: { status: 'open' } },
      { operation: 'resolveConflict', parameters: { id: '{{conflict_id}}' } },
      { operation: 'syncDigest' },
      { operation: 'sendEvents' },
    ],
  },
  {
    name: '5 Mail',
    description: 'Links are mailed; without a mail server mails are files in `data/mail`. The tokens here are invalid, so these requests are refused.',
    steps: [
      { operation: 'resendVerification', body: { email: '{{email}}' } },
      { operation: 'verifyEmail', status: 410 },
      { operation: 'changeEmail', body: { email: '{{$randomUUID}}@example.org' } },
      { operation: 'confirmEmail', status: 410 },
      { operation: 'forgotPassword', body: { email: '{{email}}' } },
      { operation: 'resetPassword', status: 410 },
    ],
  },
  {
    name: '6 Second factor',
    description:
      'Codes come from an authenticator app, and passkeys from a device. Postman has neither, so requests that need them are refused.',
    steps: [
      { operation: 'getFactors' },
      { operation: 'enrolTotp' },
      { operation: 'confirmTotp', status: 401 },
      { operation: 'renewRecoveryCodes', status: 409 },
      { operation: 'disableTotp', status: 409 },
      { operation: 'answerChallenge', status: 401 },
      { operation: 'beginPasskey' },
      { operation: 'addPasskey', status: 401 },
      { operation: 'listPasskeys' },
      { operation: 'renamePasskey', parameters: nobody, status: 404 },
      { operation: 'removePasskey', parameters: nobody, status: 404 },
      { operation: 'beginPasskeySignIn' },
      { operation: 'signInWithPasskey', status: 401 },
    ],
  },
  {
    name: '7 Providers',
    description: 'Google, Apple, Facebook and GitHub need a browser or an app; no provider is configured here.',
    steps: [
      { operation: 'listProviders' },
      { operation: 'startSignIn', parameters: google, status: 404 },
      { operation: 'signInWithIdToken', parameters: { provider: 'google' }, status: 404 },
      { operation: 'exchangeCode', status: 400 },
      { operation: 'startLink', status: 404 },
      { operation: 'linkIdentity', status: 404 },
      { operation: 'listIdentities' },
      { operation: 'unlinkIdentity', parameters: nobody, status: 404 },
    ],
  },
  {
    name: 'Imports',
    description: 'Choose a file in the first request, and send it again: without one it is refused.',
    steps: [
      { operation: 'listImportFormats' },
      { operation: 'importFile', status: 422 },
      { operation: 'listImports' },
      { operation: 'getImport', parameters: nobody, status: 404 },
      { operation: 'startImport', parameters: nobody, status: 404 },
      { operation: 'undoImport', parameters: nobody, status: 404 },
    ],
  },
  {
    name: 'Food search',
    description: 'The shared foods of a new server; it knows no barcode.',
    steps: [
      { operation: 'searchFoods', parameters: { q: 'croissant' }, saves: { shared_food_id: 'body.data[0].id' } },
      { operation: 'getSharedFood', parameters: { food_id: '{{shared_food_id}}' } },
      { operation: 'findFoodsByBarcode', parameters: { gtin: '4006381333931' } },
    ],
  },
  {
    name: 'A recipe',
    description: 'It is listed and changed before it is deleted.',
    steps: [
      { operation: 'createRecipe', parameters: newKey, saves: { recipe_id: 'body.id' } },
      { operation: 'listRecipes', parameters: { limit: '100', offset: '0' } },
      { operation: 'getRecipe', parameters: recipe },
      { operation: 'updateRecipe', parameters: recipe },
      { operation: 'deleteRecipe', parameters: recipe },
    ],
  },
  {
    name: 'A medication',
    description: 'With its schedule, the doses, an intake and the stock. The ids are those of the examples.',
    steps: [
      {
        operation: 'createMedication',
        body: { id: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' },
        parameters: newKey,
        saves: { medication_id: 'body.id' },
      },
      { operation: 'listMedications', parameters: { limit: '100', offset: '0' } },
      { operation: 'getMedication', parameters: medication },
      { operation: 'updateMedication', parameters: medication },
      {
        operation: 'createSchedule',
        body: { id: '019b9500-b1d2-7a3e-9c5f-3b8a6d4e7f20' },
        parameters: newKey,
        saves: { schedule_id: 'body.id' },
      },
      { operation: 'listSchedules' },
      { operation: 'getSchedule', parameters: schedule },
      { operation: 'updateSchedule', parameters: schedule },
      { operation: 'listDoses', parameters: { from: '2026-01-05', to: '2026-01-06' } },
      { operation: 'tickDose', parameters: { dose_id: '80e8d9e5-575d-5d7c-883a-80d424c4c5b3' } },
      { operation: 'createIntake', parameters: newKey, saves: { intake_id: 'body.id' } },
      { operation: 'listIntakes' },
      { operation: 'getIntake', parameters: intake },
      { operation: 'updateIntake', parameters: intake },
      { operation: 'getAdherence', parameters: { from: '2026-01-05', to: '2026-01-06' } },
      { operation: 'createLot', parameters: newKey, saves: { lot_id: 'body.id' } },
      { operation: 'listLots' },
      { operation: 'getLot', parameters: lot },
      { operation: 'updateLot', parameters: lot },
      { operation: 'getStock', parameters: medication },
      { operation: 'deleteLot', parameters: lot },
      { operation: 'deleteIntake', parameters: intake },
      { operation: 'deleteSchedule', parameters: schedule },
      { operation: 'deleteMedication', parameters: medication },
    ],
  },
  {
    name: 'A meal plan',
    description: 'A day of meals that is planned, and logged.',
    steps: [
      { operation: 'createMealPlan', parameters: newKey, saves: { meal_plan_id: 'body.id' } },
      { operation: 'listMealPlans', parameters: { limit: '100', offset: '0' } },
      { operation: 'getMealPlan', parameters: mealPlan },
      { operation: 'updateMealPlan', parameters: mealPlan },
      { operation: 'logMealPlan', parameters: { ...mealPlan, ...newKey } },
      { operation: 'deleteMealPlan', parameters: mealPlan },
    ],
  },
  {
    name: 'A goal',
    description: 'How far it is, before it is deleted.',
    steps: [
      { operation: 'createGoal', parameters: newKey, saves: { goal_id: 'body.id' } },
      { operation: 'listGoals', parameters: { limit: '100', offset: '0' } },
      { operation: 'getGoalsOfToday' },
      { operation: 'getGoal', parameters: goal },
      { operation: 'getGoalProgress', parameters: { ...goal, from: '2026-01-05', to: '2026-01-11' } },
      { operation: 'updateGoal', parameters: goal },
      { operation: 'deleteGoal', parameters: goal },
    ],
  },
  {
    name: 'Deletions of sources',
    description: 'Taking a deletion back; nothing was deleted here.',
    steps: [
      { operation: 'getSourceDeletion', parameters: nobody, status: 404 },
      { operation: 'undoSourceDeletion', parameters: nobody, status: 404 },
    ],
  },
  {
    name: '8 Roles',
    description: 'Operations of coaches and admins are refused for everybody else.',
    steps: [
      { operation: 'listReceivedGrants', status: 403 },
      { operation: 'listAccounts', parameters: reason, status: 403 },
      { operation: 'getAccount', parameters: { ...nobody, ...reason }, status: 403 },
      { operation: 'changeAccount', parameters: { ...nobody, ...reason }, status: 403 },
      { operation: 'signOutAccount', parameters: { ...nobody, ...reason }, status: 403 },
      { operation: 'resetAccountPassword', parameters: { ...nobody, ...reason }, status: 403 },
      { operation: 'deleteAccountOf', parameters: { ...nobody, ...reason }, status: 403 },
      { operation: 'listAudit', parameters: reason, status: 403 },
      { operation: 'listDeadLetters', parameters: reason, status: 403 },
      { operation: 'retryDeadLetters', parameters: reason, status: 403 },
    ],
  },
  {
    name: '9 Devices',
    description: 'A second device signs in; the first one signs it out.',
    steps: [
      {
        operation: 'login',
        name: 'a second device',
        body: {
          email: '{{email}}',
          password: '{{password}}',
          device_id: 'b7d20f14-tablet',
          device_name: 'Ada’s tablet',
        },
      },
      { operation: 'listSessions', saves: { session_id: 'body.data.find(({ current }) => !current).id' } },
      { operation: 'endSession', parameters: { id: '{{session_id}}' } },
    ],
  },
  {
    name: '10 Tokens and password',
    description: 'Refreshes tokens, changes the password, signs this device in again and out.',
    steps: [
      { operation: 'refresh', body: { refresh_token: '{{refresh_token}}' }, saves: tokens },
      {
        operation: 'changePassword',
        body: { current_password: '{{password}}', new_password: '{{new_password}}' },
      },
      {
        operation: 'login',
        name: 'with the new password',
        body: { email: '{{email}}', password: '{{new_password}}' },
        saves: tokens,
      },
      { operation: 'logout', body: { refresh_token: '{{refresh_token}}' } },
    ],
  },
  {
    name: '11 The end of the account',
    description: 'Deletes the account with all its data.',
    steps: [
      {
        operation: 'login',
        name: 'for the last time',
        body: { email: '{{email}}', password: '{{new_password}}' },
        saves: tokens,
      },
      { operation: 'deleteAccount' },
    ],
  },
];
