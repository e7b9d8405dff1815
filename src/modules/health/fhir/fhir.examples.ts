/* Complete bodies for the API documentation. A test checks them against the schema and the profiles of FHIR R4. */

const SUBJECT = { reference: 'Patient/019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33', type: 'Patient' };
const UCUM = 'http://unitsofmeasure.org';
const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-PQ-translation';

const vitalSign = [
  {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/observation-category',
        code: 'vital-signs',
        display: 'Vital Signs',
      },
    ],
  },
];
const loinc = (code: string, text: string) => ({ coding: [{ system: 'http://loinc.org', code }], text });
const profiles = (name: string) => [
  'http://hl7.org/fhir/StructureDefinition/vitalsigns',
  `http://hl7.org/fhir/StructureDefinition/${name}`,
];

const perMinute = { value: 58, unit: '/min', system: UCUM, code: '/min' };

export const pulse = {
  resourceType: 'Observation',
  id: '019b9500-b1d9-7a3f-9c5e-3b0c8d7e6f21',
  meta: {
    versionId: '1',
    lastUpdated: '2026-01-06T06:41:00.000Z',
    source: 'http://localhost:3000/api/sources/healthkit',
    profile: profiles('heartrate'),
  },
  contained: [
    { resourceType: 'Device', id: 'device', deviceName: [{ name: 'Watch', type: 'user-friendly-name' }] },
  ],
  status: 'final',
  category: vitalSign,
  code: loinc('8867-4', 'Heart rate'),
  subject: SUBJECT,
  effectiveDateTime: '2026-01-06T07:40:00.000+01:00',
  issued: '2026-01-06T06:41:00.000Z',
  valueQuantity: { ...perMinute, extension: [{ url: TRANSLATION, valueQuantity: perMinute }] },
  note: [{ text: 'Before getting up' }],
  method: { text: 'sensed' },
  device: { reference: '#device', display: 'Watch' },
  component: [{ code: { text: 'Context' }, valueCodeableConcept: { text: 'at_rest' } }],
};

const kilopascals = (value: number) => ({ value, unit: 'kPa', system: UCUM, code: 'kPa' });
const millimetres = (value: number, entered: number) => ({
  value,
  unit: 'mmHg',
  system: UCUM,
  code: 'mm[Hg]',
  extension: [{ url: TRANSLATION, valueQuantity: kilopascals(entered) }],
});

export const pressure = {
  resourceType: 'Observation',
  id: '019b9500-c2ea-7b40-8d6f-4c1d9e8f7a32',
  meta: {
    versionId: '1',
    lastUpdated: '2026-01-06T07:01:00.000Z',
    source: 'http://localhost:3000/api/sources/healthkit',
    profile: profiles('bp'),
  },
  identifier: [
    {
      system: 'http://localhost:3000/api/sources/healthkit',
      value: '5B1F0C66-6F7E-4D0B-9D6C-4C0F8A2B7E11',
    },
  ],
  status: 'final',
  category: vitalSign,
  code: loinc('85354-9', 'Blood pressure'),
  subject: SUBJECT,
  effectiveDateTime: '2026-01-06T08:00:00.000+01:00',
  issued: '2026-01-06T07:01:00.000Z',
  bodySite: { text: 'left upper arm' },
  component: [
    { code: loinc('8480-6', 'Systolic'), valueQuantity: millimetres(128.260902, 17.1) },
    { code: loinc('8462-4', 'Diastolic'), valueQuantity: millimetres(81.756949, 10.9) },
  ],
};

const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const tablets = (value: number) => ({ value, unit: 'tablet' });

export const statement = {
  resourceType: 'MedicationStatement',
  id: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
  meta: { versionId: '1', lastUpdated: '2026-01-05T06:30:00.000Z' },
  contained: [
    {
      resourceType: 'Medication',
      id: 'medication',
      code: { coding: [{ system: RXNORM, code: '197806' }], text: 'Ibuprofen 400 mg' },
      form: { text: 'tablet' },
      ingredient: [{ itemCodeableConcept: { coding: [{ system: RXNORM, code: '5640' }] } }],
    },
  ],
  status: 'active',
  medicationReference: { reference: '#medication', display: 'Ibuprofen 400 mg' },
  subject: SUBJECT,
  effectivePeriod: { start: '2026-01-05' },
  dateAsserted: '2026-01-05T06:30:00.000Z',
  reasonCode: [{ text: 'Headache' }],
  dosage: [
    {
      text: '1 tablet',
      route: { text: 'oral' },
      doseAndRate: [{ doseQuantity: tablets(1) }],
      maxDosePerPeriod: {
        numerator: tablets(4),
        denominator: { value: 24, unit: 'h', system: UCUM, code: 'h' },
      },
    },
  ],
};

const dose = {
  resourceType: 'MedicationAdministration',
  medicationCodeableConcept: { text: 'Ibuprofen 400 mg' },
  subject: SUBJECT,
  supportingInformation: [{ reference: `urn:uuid:${statement.id}`, type: 'MedicationStatement' }],
};

export const administration = {
  ...dose,
  id: '019b9500-d3fb-7c51-9e70-5d2e0f9a8b43',
  meta: { versionId: '1', lastUpdated: '2026-01-05T14:21:00.000Z' },
  status: 'completed',
  effectiveDateTime: '2026-01-05T15:20:00.000+01:00',
  note: [{ text: 'Headache since noon' }],
  dosage: { dose: tablets(1) },
};

export const skipped = {
  ...dose,
  id: '019b9500-e40c-7d62-8f81-6e3f1a0b9c54',
  meta: { versionId: '1', lastUpdated: '2026-01-05T07:31:00.000Z' },
  status: 'not-done',
  statusReason: [{ text: 'Nausea' }],
  effectiveDateTime: '2026-01-05T08:00:00.000+01:00',
};

const entryOf = (resource: { readonly id: string }) => ({
  fullUrl: `urn:uuid:${resource.id}`,
  resource,
  search: { mode: 'match' },
});

export const bundle = {
  morning: {
    summary: 'A blood pressure that was entered in kilopascals, and a heart rate',
    value: {
      resourceType: 'Bundle',
      type: 'searchset',
      timestamp: '2026-01-07T09:00:00.000Z',
      link: [
        {
          relation: 'self',
          url: 'http://localhost:3000/api/health-metrics/fhir?from=2026-01-06&to=2026-01-06&limit=100',
        },
      ],
      entry: [entryOf(pressure), entryOf(pulse)],
    },
  },
  medications: {
    summary: 'A dose that was taken, one that was skipped, and their medication',
    value: {
      resourceType: 'Bundle',
      type: 'searchset',
      timestamp: '2026-01-07T09:00:00.000Z',
      link: [{ relation: 'self', url: 'http://localhost:3000/api/health-metrics/fhir?limit=100' }],
      entry: [entryOf(administration), entryOf(skipped), entryOf(statement)],
    },
  },
};
