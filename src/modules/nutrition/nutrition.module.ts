import { Module } from '@nestjs/common';
import { FavoritesModule } from './favorites/favorites.module.js';
import { FoodsModule } from './foods/foods.module.js';
import { MealPlansModule } from './meal-plans/meal-plans.module.js';
import { MealTypesModule } from './meal-types/meal-types.module.js';
import { MealsModule } from './meals/meals.module.js';
import { RecipesModule } from './recipes/recipes.module.js';

/** Food and drink. */
@Module({
  imports: [FavoritesModule, FoodsModule, MealPlansModule, MealTypesModule, MealsModule, RecipesModule],
})
export class NutritionModule {}
