// Made by `npm run generate` from openapi.json.
import type { components } from './schema.js';

export type CustomMetricFields = components['schemas']['CustomMetricFields'];
export type FoodFields = components['schemas']['FoodFields'];
export type FoodFavoriteFields = components['schemas']['FoodFavoriteFields'];
export type GoalFields = components['schemas']['GoalFields'];
export type HealthMetricFields = components['schemas']['HealthMetricFields'];
export type MealFields = components['schemas']['MealFields'];
export type MealPlanFields = components['schemas']['MealPlanFields'];
export type MealTypeFields = components['schemas']['OwnMealTypeFields'];
export type MedicationFields = components['schemas']['MedicationFields'];
export type MedicationIntakeFields = components['schemas']['IntakeFields'];
export type MedicationLotFields = components['schemas']['LotFields'];
export type MedicationScheduleFields = components['schemas']['ScheduleFields'];
export type RecipeFields = components['schemas']['RecipeFields'];
export type SleepFields = components['schemas']['SleepFields'];
export type SourceOrderFields = components['schemas']['SourceOrderFields'];
export type WeightFields = components['schemas']['WeightFields'];

/** By kind, what a person enters, and what a record says. */
export interface Kinds {
  custom_metric: {
    fields: components['schemas']['CustomMetricFields'];
    data: components['schemas']['CustomMetricFields'];
  };
  food: { fields: components['schemas']['FoodFields']; data: components['schemas']['FoodData'] };
  food_favorite: {
    fields: components['schemas']['FoodFavoriteFields'];
    data: components['schemas']['FoodFavoriteFields'];
  };
  goal: { fields: components['schemas']['GoalFields']; data: components['schemas']['GoalFields'] };
  health_metric: {
    fields: components['schemas']['HealthMetricFields'];
    data: components['schemas']['HealthMetricData'];
  };
  meal: { fields: components['schemas']['MealFields']; data: components['schemas']['MealData'] };
  meal_plan: {
    fields: components['schemas']['MealPlanFields'];
    data: components['schemas']['MealPlanFields'];
  };
  meal_type: {
    fields: components['schemas']['OwnMealTypeFields'];
    data: components['schemas']['OwnMealTypeFields'];
  };
  medication: {
    fields: components['schemas']['MedicationFields'];
    data: components['schemas']['MedicationFields'];
  };
  medication_intake: {
    fields: components['schemas']['IntakeFields'];
    data: components['schemas']['IntakeData'];
  };
  medication_lot: { fields: components['schemas']['LotFields']; data: components['schemas']['LotFields'] };
  medication_schedule: {
    fields: components['schemas']['ScheduleFields'];
    data: components['schemas']['ScheduleData'];
  };
  recipe: { fields: components['schemas']['RecipeFields']; data: components['schemas']['RecipeData'] };
  sleep: { fields: components['schemas']['SleepFields']; data: components['schemas']['SleepData'] };
  source_order: {
    fields: components['schemas']['SourceOrderFields'];
    data: components['schemas']['SourceOrderFields'];
  };
  weight: { fields: components['schemas']['WeightFields']; data: components['schemas']['WeightData'] };
}

export type Kind = keyof Kinds;
