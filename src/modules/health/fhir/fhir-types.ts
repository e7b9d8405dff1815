/* The parts of FHIR R4 (http://hl7.org/fhir/R4) that a Bundle of observations has. The names are those of the standard. */

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
  readonly unit: string;
  readonly system?: string;
  readonly code?: string;
}

export interface QuantityExtension {
  readonly url: string;
  readonly valueQuantity: Quantity;
}

export interface Period {
  readonly start: string;
  readonly end: string;
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
  readonly source: string;
  readonly profile?: readonly string[];
}

export interface Device {
  readonly resourceType: 'Device';
  readonly id: string;
  readonly deviceName: readonly { readonly name: string; readonly type: 'user-friendly-name' }[];
}
