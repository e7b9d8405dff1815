/* The parts of FHIR R4 (http://hl7.org/fhir/R4) that a Bundle has. The names are those of the standard. */

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface CodeableConcept {
  readonly coding?: readonly Coding[];
  readonly text?: string;
}

export interface Quantity {
  readonly extension?: readonly QuantityExtension[];
  readonly value: number;
  readonly unit?: string;
  readonly system?: string;
  readonly code?: string;
}

export interface QuantityExtension {
  readonly url: string;
  readonly valueQuantity: Quantity;
}

export interface Period {
  readonly start: string;
  readonly end?: string;
}

export interface Reference {
  readonly reference: string;
  readonly type?: string;
  readonly display?: string;
}

export interface Identifier {
  readonly system: string;
  readonly value: string;
}

export interface Component {
  readonly code: CodeableConcept;
  readonly valueQuantity?: Quantity;
  readonly valueCodeableConcept?: CodeableConcept;
  readonly valuePeriod?: Period;
}

export interface Meta {
  readonly versionId: string;
  readonly lastUpdated: string;
  readonly source?: string;
  readonly profile?: readonly string[];
}

export interface Device {
  readonly resourceType: 'Device';
  readonly id: string;
  readonly deviceName: readonly { readonly name: string; readonly type: 'user-friendly-name' }[];
}

export interface Note {
  readonly text: string;
}

/** A medication within the resource that is about it. */
export interface ContainedMedication {
  readonly resourceType: 'Medication';
  readonly id: string;
  readonly code: CodeableConcept;
  readonly form: CodeableConcept;
  readonly ingredient?: readonly { readonly itemCodeableConcept: CodeableConcept }[];
}

/** How a medication is to be taken. */
export interface Dosage {
  readonly text: string;
  readonly route: CodeableConcept;
  readonly doseAndRate: readonly { readonly doseQuantity: Quantity }[];
  readonly maxDosePerPeriod?: { readonly numerator: Quantity; readonly denominator: Quantity };
}

/** How a dose was given. */
export interface AdministeredDosage {
  readonly dose: Quantity;
  readonly site?: CodeableConcept;
}
