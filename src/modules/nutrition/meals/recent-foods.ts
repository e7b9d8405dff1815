import { revive } from '../../../kernel/http/answer.js';
import { MealItemDto } from '../items/meal-item.dto.js';
import type { RecentFoodDto } from './recent-foods.dto.js';

/** Collects what was eaten last: each food or recipe once, and each name of an item without one. */
export class RecentFoods {
  private readonly found = new Map<string, RecentFoodDto>();

  constructor(private readonly most: number) {}

  get isFull(): boolean {
    return this.found.size >= this.most;
  }

  /** Adds the items of a meal, after those of all later meals. @param items JSON, as the database has it */
  add(eatenAt: Date, items: string): void {
    for (const stored of JSON.parse(items) as object[]) {
      if (this.isFull) return;
      const item = revive(MealItemDto, stored);
      const from = item.foodId ?? item.recipeId;
      const key = from ? `id ${from}` : `name ${item.name.toLowerCase()}`;
      if (!this.found.has(key)) this.found.set(key, { eatenAt, item });
    }
  }

  /** The most recently eaten first. */
  get all(): RecentFoodDto[] {
    return [...this.found.values()];
  }
}
