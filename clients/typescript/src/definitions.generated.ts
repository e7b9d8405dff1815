// Made by `npm run generate` from openapi.json.
import type { KindDefinition } from './rules.js';

/** A kind of reading of your own. */
export const customMetric: KindDefinition<'custom_metric'> = {
  kind: 'custom_metric',
  groups: [['name'], ['unit'], ['roll_up'], ['value_range']],
  fields: {
    required: ['name', 'unit', 'roll_up'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 64 },
      unit: { type: 'string', pattern: '^\\S(.*\\S)?$', minLength: 1, maxLength: 32 },
      roll_up: { type: 'string', enum: ['sum', 'average', 'last', 'max'] },
      value_range: {
        type: ['object', 'null'],
        required: ['minimum', 'maximum'],
        properties: {
          minimum: { type: 'number', minimum: -10000000, maximum: 10000000 },
          maximum: { type: 'number', minimum: -10000000, maximum: 10000000 },
        },
      },
    },
  },
};

/** The values of a food that a person enters. */
export const food: KindDefinition<'food'> = {
  kind: 'food',
  groups: [
    ['name'],
    ['brand'],
    ['barcode'],
    ['basis', 'nutrients', 'servings'],
    ['category'],
    ['language'],
    ['source', 'source_ref', 'source_licence'],
  ],
  fields: {
    required: ['name', 'basis', 'nutrients', 'servings'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 200 },
      brand: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      barcode: { type: ['string', 'null'], pattern: '^(\\d{8}|\\d{12,14})$', maxLength: 14 },
      basis: { type: 'string', enum: ['per_100g', 'per_100ml'] },
      nutrients: {
        type: 'object',
        properties: {
          energy_kcal: { type: ['number', 'null'], minimum: 0, maximum: 2000 },
          energy_kj: { type: ['number', 'null'], minimum: 0, maximum: 8400 },
          protein_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          carbs_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          sugars_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          added_sugars_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          fiber_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          fat_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          saturated_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          mono_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          poly_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          trans_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          cholesterol_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          sodium_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          potassium_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          calcium_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          iron_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          magnesium_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          zinc_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          phosphorus_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          vit_a_ug_rae: { type: ['number', 'null'], minimum: 0, maximum: 200000000 },
          vit_c_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          vit_d_ug: { type: ['number', 'null'], minimum: 0, maximum: 200000000 },
          vit_e_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          vit_k_ug: { type: ['number', 'null'], minimum: 0, maximum: 200000000 },
          vit_b6_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          vit_b12_ug: { type: ['number', 'null'], minimum: 0, maximum: 200000000 },
          folate_ug_dfe: { type: ['number', 'null'], minimum: 0, maximum: 200000000 },
          caffeine_mg: { type: ['number', 'null'], minimum: 0, maximum: 200000 },
          alcohol_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
          water_g: { type: ['number', 'null'], minimum: 0, maximum: 200 },
        },
      },
      servings: {
        type: 'array',
        maxItems: 20,
        items: {
          type: 'object',
          required: ['label', 'amount', 'unit', 'is_default'],
          properties: {
            label: { type: 'string', minLength: 1, maxLength: 64 },
            amount: { type: 'number', minimum: 0.001, maximum: 100000 },
            unit: { type: 'string', enum: ['g', 'ml'] },
            is_default: { type: 'boolean' },
          },
        },
      },
      category: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      language: { type: ['string', 'null'], pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$', maxLength: 16 },
      source: { type: ['string', 'null'], minLength: 1, maxLength: 64 },
      source_ref: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      source_licence: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
    },
  },
};

/** What a person enters to mark a food. */
export const foodFavorite: KindDefinition<'food_favorite'> = {
  kind: 'food_favorite',
  groups: [['food_id']],
  fields: { required: ['food_id'], properties: { food_id: { type: 'string', format: 'uuid' } } },
};

/** What a person aims at. */
export const goal: KindDefinition<'goal'> = {
  kind: 'goal',
  groups: [
    [
      'subject',
      'direction',
      'target_min',
      'target_max',
      'start_value',
      'unit',
      'period',
      'weekdays',
      'start_on',
      'due_on',
    ],
    ['name'],
    ['allowed_misses'],
    ['note'],
    ['is_archived'],
  ],
  time: 'start_on',
  fields: {
    required: ['name', 'subject', 'direction', 'unit', 'period', 'start_on'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 200 },
      subject: { type: 'string', minLength: 1, maxLength: 64 },
      direction: { type: 'string', enum: ['at_least', 'at_most', 'between', 'reach', 'reduce_to'] },
      target_min: { type: ['number', 'null'], minimum: -1000000000, maximum: 1000000000 },
      target_max: { type: ['number', 'null'], minimum: -1000000000, maximum: 1000000000 },
      start_value: { type: ['number', 'null'], minimum: -1000000000, maximum: 1000000000 },
      unit: { type: 'string', minLength: 1, maxLength: 32 },
      period: { type: 'string', enum: ['day', 'week', 'month', 'total'] },
      weekdays: {
        type: ['array', 'null'],
        maxItems: 7,
        uniqueItems: true,
        emptyAsNull: true,
        items: { type: 'string', enum: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
      },
      start_on: { type: 'string', format: 'date' },
      due_on: { type: ['string', 'null'], format: 'date' },
      allowed_misses: { type: ['integer', 'null'], minimum: 0, maximum: 30 },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 1000 },
      is_archived: { type: ['boolean', 'null'] },
    },
  },
};

/** The values of a reading that a person or a device enters. */
export const healthMetric: KindDefinition<'health_metric'> = {
  kind: 'health_metric',
  groups: [
    [
      'metric',
      'value',
      'unit',
      'components',
      'measured_at',
      'ended_at',
      'time_zone',
      'context',
      'source',
      'external_id',
    ],
    ['device'],
    ['modality'],
    ['note'],
    ['tags'],
  ],
  time: 'measured_at',
  fields: {
    required: ['metric', 'unit', 'measured_at', 'time_zone', 'source'],
    properties: {
      metric: { type: 'string', pattern: '^[a-z][a-z0-9_]*(:[\\da-f-]{36})?$', maxLength: 64 },
      value: { type: ['number', 'null'], minimum: -10000000, maximum: 10000000 },
      unit: { type: 'string', minLength: 1, maxLength: 32 },
      components: {
        type: ['object', 'null'],
        required: ['systolic', 'diastolic'],
        properties: {
          systolic: { type: 'number' },
          diastolic: { type: 'number' },
          pulse: { type: ['number', 'null'] },
        },
      },
      measured_at: { type: 'string', format: 'date-time' },
      ended_at: { type: ['string', 'null'], format: 'date-time' },
      context: { type: ['string', 'null'], pattern: '^[a-z][a-z0-9_]*$', maxLength: 32 },
      external_id: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      device: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      modality: { type: ['string', 'null'], enum: ['sensed', 'self_reported'] },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 1000 },
      tags: {
        type: ['array', 'null'],
        maxItems: 10,
        uniqueItems: true,
        emptyAsNull: true,
        items: { type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]{1,32}$', maxLength: 64 },
      },
      time_zone: { type: 'string', minLength: 1, maxLength: 64 },
      source: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]*$', maxLength: 64 },
    },
  },
};

/** The values of a meal that a person enters. */
export const meal: KindDefinition<'meal'> = {
  kind: 'meal',
  groups: [['eaten_at', 'time_zone'], ['meal_type'], ['meal_type_id'], ['title'], ['note'], ['items']],
  time: 'eaten_at',
  fields: {
    required: ['eaten_at', 'time_zone', 'meal_type', 'items'],
    properties: {
      eaten_at: { type: 'string', format: 'date-time' },
      time_zone: { type: 'string', minLength: 1, maxLength: 64 },
      meal_type: { type: 'string', enum: ['breakfast', 'lunch', 'dinner', 'snack', 'other'] },
      meal_type_id: { type: ['string', 'null'], format: 'uuid' },
      title: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 2000 },
      items: {
        type: 'array',
        maxItems: 50,
        items: {
          type: 'object',
          required: ['name', 'quantity', 'unit'],
          properties: {
            name: { type: 'string', minLength: 1, maxLength: 100 },
            quantity: { type: 'number', minimum: 0, maximum: 1000000 },
            unit: { type: 'string', minLength: 1, maxLength: 16 },
            energy_kcal: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            protein_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            carbs_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            fat_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            food_id: { type: ['string', 'null'], format: 'uuid' },
            recipe_id: { type: ['string', 'null'], format: 'uuid' },
            servings: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            amount: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            amount_unit: { type: ['string', 'null'], enum: ['g', 'ml'] },
            nutrients: { type: ['object', 'null'] },
          },
        },
      },
    },
  },
};

/** The values of a meal plan that a person enters. */
export const mealPlan: KindDefinition<'meal_plan'> = {
  kind: 'meal_plan',
  groups: [['name'], ['note'], ['meals']],
  fields: {
    required: ['name', 'meals'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 200 },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 2000 },
      meals: {
        type: 'array',
        maxItems: 12,
        items: {
          type: 'object',
          required: ['meal_type', 'items', 'local_time'],
          properties: {
            meal_type: { type: 'string', enum: ['breakfast', 'lunch', 'dinner', 'snack', 'other'] },
            meal_type_id: { type: ['string', 'null'], format: 'uuid' },
            title: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
            items: {
              type: 'array',
              maxItems: 50,
              items: {
                type: 'object',
                required: ['name', 'quantity', 'unit'],
                properties: {
                  name: { type: 'string', minLength: 1, maxLength: 100 },
                  quantity: { type: 'number', minimum: 0, maximum: 1000000 },
                  unit: { type: 'string', minLength: 1, maxLength: 16 },
                  energy_kcal: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
                  protein_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
                  carbs_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
                  fat_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
                  food_id: { type: ['string', 'null'], format: 'uuid' },
                  recipe_id: { type: ['string', 'null'], format: 'uuid' },
                  servings: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
                  amount: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
                  amount_unit: { type: ['string', 'null'], enum: ['g', 'ml'] },
                  nutrients: { type: ['object', 'null'] },
                },
              },
            },
            local_time: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', maxLength: 5 },
          },
        },
      },
    },
  },
};

/** The values of a meal type that a person enters. */
export const mealType: KindDefinition<'meal_type'> = {
  kind: 'meal_type',
  groups: [['name'], ['default_time'], ['position'], ['is_hidden']],
  fields: {
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 100 },
      default_time: { type: ['string', 'null'], pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', maxLength: 5 },
      position: { type: ['integer', 'null'], minimum: 0, maximum: 10000 },
      is_hidden: { type: ['boolean', 'null'] },
    },
  },
};

/** What a person says of a medication. */
export const medication: KindDefinition<'medication'> = {
  kind: 'medication',
  groups: [
    ['name'],
    ['form'],
    ['route'],
    ['strength'],
    ['dose_amount', 'dose_unit', 'max_daily_amount'],
    ['codes'],
    ['ingredient_codes'],
    ['min_interval_min'],
    ['refill_lead_days'],
    ['is_supplement'],
    ['is_critical'],
    ['is_archived'],
    ['reason'],
    ['prescriber'],
    ['pharmacy'],
    ['prescription_number'],
    ['color'],
    ['icon'],
    ['note'],
  ],
  fields: {
    required: ['name', 'form', 'route', 'dose_amount', 'dose_unit'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 200 },
      form: {
        type: 'string',
        enum: [
          'pill',
          'tablet',
          'capsule',
          'liquid',
          'injection',
          'patch',
          'inhaler',
          'drops',
          'cream',
          'suppository',
          'spray',
          'other',
        ],
      },
      route: {
        type: 'string',
        enum: [
          'oral',
          'sublingual',
          'subcutaneous',
          'intramuscular',
          'topical',
          'inhaled',
          'nasal',
          'ophthalmic',
          'otic',
          'rectal',
          'other',
        ],
      },
      strength: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      dose_amount: { type: 'number', minimum: 0.001, maximum: 10000 },
      dose_unit: { type: 'string', minLength: 1, maxLength: 40 },
      codes: {
        type: ['array', 'null'],
        maxItems: 20,
        uniqueItems: true,
        emptyAsNull: true,
        items: { type: 'string', pattern: '^(rxnorm|ndc|atc|unii|snomed):[A-Za-z0-9-]+$', maxLength: 64 },
      },
      ingredient_codes: {
        type: ['array', 'null'],
        maxItems: 20,
        uniqueItems: true,
        emptyAsNull: true,
        items: { type: 'string', pattern: '^(rxnorm|ndc|atc|unii|snomed):[A-Za-z0-9-]+$', maxLength: 64 },
      },
      max_daily_amount: { type: ['number', 'null'], minimum: 0.001, maximum: 10000 },
      min_interval_min: { type: ['integer', 'null'], minimum: 1, maximum: 44640 },
      refill_lead_days: { type: ['integer', 'null'], minimum: 0, maximum: 90 },
      is_supplement: { type: ['boolean', 'null'] },
      is_critical: { type: ['boolean', 'null'] },
      is_archived: { type: ['boolean', 'null'] },
      reason: { type: ['string', 'null'], minLength: 1, maxLength: 500 },
      prescriber: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      pharmacy: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      prescription_number: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      color: { type: ['string', 'null'], minLength: 1, maxLength: 32 },
      icon: { type: ['string', 'null'], minLength: 1, maxLength: 64 },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 1000 },
    },
  },
};

/** A dose that was taken, skipped or put off. One of a schedule has `schedule_id`, `slot` and `scheduled_for`, and one id for everybody who ticks it; one as needed has none of them and is taken. */
export const medicationIntake: KindDefinition<'medication_intake'> = {
  kind: 'medication_intake',
  groups: [
    [
      'medication_id',
      'schedule_id',
      'slot',
      'scheduled_for',
      'time_zone',
      'status',
      'taken_at',
      'amount',
      'snoozed_until',
      'confirmed',
    ],
    ['reason'],
    ['site'],
    ['note'],
  ],
  prevails: { field: 'status', value: 'taken' },
  time: 'scheduled_for',
  fields: {
    required: ['medication_id', 'time_zone', 'status'],
    properties: {
      medication_id: { type: 'string', format: 'uuid' },
      schedule_id: { type: ['string', 'null'], format: 'uuid' },
      slot: {
        type: ['string', 'null'],
        pattern:
          '^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]Z)?$',
        maxLength: 20,
      },
      scheduled_for: { type: ['string', 'null'], format: 'date-time' },
      time_zone: { type: 'string', minLength: 1, maxLength: 64 },
      status: { type: 'string', enum: ['taken', 'skipped', 'snoozed'] },
      taken_at: { type: ['string', 'null'], format: 'date-time' },
      amount: { type: ['number', 'null'], minimum: 0.001, maximum: 10000 },
      snoozed_until: { type: ['string', 'null'], format: 'date-time' },
      reason: { type: ['string', 'null'], minLength: 1, maxLength: 500 },
      site: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 1000 },
      confirmed: { type: ['boolean', 'null'] },
    },
  },
};

/** A package of a medication that came into the house. */
export const medicationLot: KindDefinition<'medication_lot'> = {
  kind: 'medication_lot',
  groups: [
    ['medication_id', 'units', 'added_at', 'discarded'],
    ['expires_on'],
    ['opened_on'],
    ['use_by'],
    ['lot_number'],
    ['note'],
  ],
  time: 'added_at',
  fields: {
    required: ['medication_id', 'units', 'added_at'],
    properties: {
      medication_id: { type: 'string', format: 'uuid' },
      units: { type: 'number', minimum: 0.001, maximum: 10000 },
      added_at: { type: 'string', format: 'date-time' },
      discarded: { type: ['number', 'null'], minimum: 0, maximum: 10000 },
      expires_on: { type: ['string', 'null'], format: 'date' },
      opened_on: { type: ['string', 'null'], format: 'date' },
      use_by: { type: ['string', 'null'], format: 'date' },
      lot_number: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 1000 },
    },
  },
};

/** One version of a schedule. Of the fields that only some recurrences have, exactly those of its own are sent. */
export const medicationSchedule: KindDefinition<'medication_schedule'> = {
  kind: 'medication_schedule',
  groups: [
    [
      'medication_id',
      'version_of',
      'recurrence',
      'starts_on',
      'ends_on',
      'zone_mode',
      'time_zone',
      'doses',
      'weekdays',
      'every_days',
      'days_on',
      'days_off',
      'month_day',
      'counts_from',
      'interval_hours',
      'interval_start',
      'amount',
      'steps',
      'window_before_min',
      'window_after_min',
    ],
    ['meal_relation'],
    ['note'],
  ],
  time: 'interval_start',
  fields: {
    required: ['medication_id', 'recurrence', 'starts_on', 'zone_mode', 'time_zone'],
    properties: {
      medication_id: { type: 'string', format: 'uuid' },
      version_of: { type: ['string', 'null'], format: 'uuid' },
      recurrence: {
        type: 'string',
        enum: [
          'daily',
          'weekdays',
          'every_n_days',
          'cyclic',
          'monthly',
          'interval_hours',
          'as_needed',
          'taper',
          'paused',
        ],
      },
      starts_on: { type: 'string', format: 'date' },
      ends_on: { type: ['string', 'null'], format: 'date' },
      zone_mode: { type: 'string', enum: ['floating', 'fixed'] },
      time_zone: { type: 'string', minLength: 1, maxLength: 64 },
      doses: {
        type: ['array', 'null'],
        minItems: 1,
        maxItems: 24,
        items: {
          type: 'object',
          required: ['local_time', 'amount'],
          properties: {
            local_time: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', maxLength: 5 },
            amount: { type: 'number', minimum: 0.001, maximum: 10000 },
          },
        },
      },
      weekdays: {
        type: ['array', 'null'],
        minItems: 1,
        maxItems: 7,
        uniqueItems: true,
        items: {
          type: 'string',
          enum: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
        },
      },
      every_days: { type: ['integer', 'null'], minimum: 1, maximum: 366 },
      days_on: { type: ['integer', 'null'], minimum: 1, maximum: 366 },
      days_off: { type: ['integer', 'null'], minimum: 1, maximum: 366 },
      month_day: { type: ['integer', 'null'], minimum: 1, maximum: 31 },
      counts_from: { type: ['string', 'null'], format: 'date' },
      interval_hours: { type: ['integer', 'null'], minimum: 1, maximum: 744 },
      interval_start: { type: ['string', 'null'], format: 'date-time' },
      amount: { type: ['number', 'null'], minimum: 0.001, maximum: 10000 },
      steps: {
        type: ['array', 'null'],
        minItems: 1,
        maxItems: 30,
        items: {
          type: 'object',
          required: ['days', 'doses'],
          properties: {
            days: { type: 'integer', minimum: 1, maximum: 366 },
            doses: {
              type: 'array',
              minItems: 1,
              maxItems: 24,
              items: {
                type: 'object',
                required: ['local_time', 'amount'],
                properties: {
                  local_time: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', maxLength: 5 },
                  amount: { type: 'number', minimum: 0.001, maximum: 10000 },
                },
              },
            },
          },
        },
      },
      window_before_min: { type: ['integer', 'null'], minimum: 0, maximum: 1440 },
      window_after_min: { type: ['integer', 'null'], minimum: 0, maximum: 1440 },
      meal_relation: { type: ['string', 'null'], enum: ['before', 'with', 'after', 'away'] },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 1000 },
    },
  },
};

/** The values of a recipe that a person enters. */
export const recipe: KindDefinition<'recipe'> = {
  kind: 'recipe',
  groups: [['name'], ['note'], ['instructions'], ['servings', 'yield_g', 'items']],
  fields: {
    required: ['name', 'servings', 'items'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 100 },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 2000 },
      instructions: { type: ['string', 'null'], minLength: 1, maxLength: 10000 },
      servings: { type: 'number', minimum: 0.001, maximum: 10000 },
      yield_g: { type: ['number', 'null'], minimum: 0.001, maximum: 1000000 },
      items: {
        type: 'array',
        maxItems: 50,
        items: {
          type: 'object',
          required: ['name', 'quantity', 'unit'],
          properties: {
            name: { type: 'string', minLength: 1, maxLength: 100 },
            quantity: { type: 'number', minimum: 0, maximum: 1000000 },
            unit: { type: 'string', minLength: 1, maxLength: 16 },
            energy_kcal: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            protein_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            carbs_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            fat_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            food_id: { type: ['string', 'null'], format: 'uuid' },
            recipe_id: { type: ['string', 'null'], format: 'uuid' },
            servings: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            amount: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            amount_unit: { type: ['string', 'null'], enum: ['g', 'ml'] },
            nutrients: { type: ['object', 'null'] },
          },
        },
      },
    },
  },
};

/** A session of sleep: `started_at` and `ended_at`, or, if the source knows only the day, `date` and `minutes_asleep`. */
export const sleep: KindDefinition<'sleep'> = {
  kind: 'sleep',
  groups: [
    [
      'started_at',
      'ended_at',
      'date',
      'time_zone',
      'is_nap',
      'minutes_asleep',
      'minutes_in_bed',
      'stages',
      'source',
      'external_id',
    ],
    ['score'],
    ['average_heart_rate'],
    ['average_hrv_ms'],
    ['average_oxygen_saturation'],
    ['average_respiratory_rate'],
    ['device'],
    ['note'],
  ],
  time: 'started_at',
  fields: {
    required: ['time_zone', 'is_nap', 'source'],
    properties: {
      started_at: { type: ['string', 'null'], format: 'date-time' },
      ended_at: { type: ['string', 'null'], format: 'date-time' },
      date: { type: ['string', 'null'], format: 'date' },
      time_zone: { type: 'string', minLength: 1, maxLength: 64 },
      is_nap: { type: 'boolean' },
      minutes_asleep: { type: ['integer', 'null'], minimum: 0, maximum: 1560 },
      minutes_in_bed: { type: ['integer', 'null'], minimum: 0, maximum: 1560 },
      stages: {
        type: ['array', 'null'],
        maxItems: 400,
        items: {
          type: 'object',
          required: ['stage', 'started_at', 'ended_at'],
          properties: {
            stage: { type: 'string', enum: ['awake', 'light', 'deep', 'rem', 'asleep', 'in_bed'] },
            started_at: { type: 'string', format: 'date-time' },
            ended_at: { type: 'string', format: 'date-time' },
          },
        },
      },
      source: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]*$', maxLength: 64 },
      external_id: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      score: { type: ['number', 'null'], minimum: 0, maximum: 100 },
      average_heart_rate: { type: ['number', 'null'], minimum: 15, maximum: 320 },
      average_hrv_ms: { type: ['number', 'null'], minimum: 0, maximum: 600 },
      average_oxygen_saturation: { type: ['number', 'null'], minimum: 30, maximum: 100 },
      average_respiratory_rate: { type: ['number', 'null'], minimum: 1, maximum: 100 },
      device: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      note: { type: ['string', 'null'], minLength: 1, maxLength: 1000 },
    },
  },
};

/** An order of sources. */
export const sourceOrder: KindDefinition<'source_order'> = {
  kind: 'source_order',
  groups: [['sources']],
  fields: {
    required: ['sources'],
    properties: {
      sources: {
        type: 'array',
        maxItems: 100,
        uniqueItems: true,
        items: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]*$', maxLength: 64 },
      },
    },
  },
};

/** The values of a weight that a person enters. */
export const weight: KindDefinition<'weight'> = {
  kind: 'weight',
  groups: [['weight_value', 'unit', 'timestamp'], ['source', 'external_id'], ['device'], ['time_zone']],
  time: 'timestamp',
  fields: {
    required: ['weight_value', 'unit', 'timestamp'],
    properties: {
      weight_value: {
        type: 'number',
        minimum: 0.15,
        maximum: 1544,
        rangeBy: {
          field: 'unit',
          ranges: {
            kg: { minimum: 1, maximum: 700 },
            lb: { minimum: 2.2046226218487757, maximum: 1543.235835294143 },
            st: { minimum: 0.1574730444177697, maximum: 110.23113109243879 },
          },
        },
      },
      unit: { type: 'string', enum: ['kg', 'lb', 'st'] },
      timestamp: { type: 'string', format: 'date-time' },
      source: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]*$', maxLength: 64 },
      external_id: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      device: { type: ['string', 'null'], minLength: 1, maxLength: 100 },
      time_zone: { type: 'string', minLength: 1, maxLength: 64 },
    },
  },
};
