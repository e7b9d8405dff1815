import { Module } from '@nestjs/common';
import { GuidesController } from './guides.controller.js';
import { ProblemsController } from './problems.controller.js';
import { WelcomeController } from './welcome.controller.js';

/** Documentation: the greeting, the guides and the catalogue of errors; `swagger-ui.ts` serves the rest. */
@Module({ controllers: [GuidesController, ProblemsController, WelcomeController] })
export class DocsModule {}
