import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FoodSearchController } from './food-search.controller.js';
import { FoodSearchService } from './food-search.service.js';
import { FoodsController } from './foods.controller.js';
import { FoodsImportService } from './import/foods-import.service.js';
import { BarcodeLookup } from './open-food-facts/barcode-lookup.entity.js';
import { BarcodeLookupsRepository } from './open-food-facts/barcode-lookups.repository.js';
import { OffClient } from './open-food-facts/off-client.js';
import { OpenFoodFactsService } from './open-food-facts/open-food-facts.service.js';
import { SharedFood } from './shared/shared-food.entity.js';
import { SharedFoodsRepository } from './shared/shared-foods.repository.js';
import { WordIndex } from './shared/word-index.js';

@Module({
  imports: [TypeOrmModule.forFeature([BarcodeLookup, SharedFood])],
  controllers: [FoodsController, FoodSearchController],
  providers: [
    BarcodeLookupsRepository,
    FoodSearchService,
    FoodsImportService,
    OffClient,
    OpenFoodFactsService,
    SharedFoodsRepository,
    WordIndex,
  ],
  exports: [FoodSearchService, SharedFoodsRepository],
})
export class FoodsModule {}
