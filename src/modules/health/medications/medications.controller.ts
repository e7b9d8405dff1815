import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import {
  CreateMedicationDto,
  MedicationDto,
  MedicationPageDto,
  UpdateMedicationDto,
} from './medications.dto.js';
import { MedicationsRepository } from './medications.repository.js';
import { medications } from './medications.scopes.js';

export const MedicationsSection = () =>
  Section(
    'Medications',
    'Medications, their schedules, the doses that the schedules expect, and what was taken. The service counts and warns; it gives no medical advice.',
  );

@MedicationsSection()
@Shareable(medications)
@Controller('api/medications')
export class MedicationsController {
  constructor(private readonly records: Records) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a medication',
    description: 'To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: MedicationDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createMedication(@CurrentActor() actor: Actor, @Body() { id, ...input }: CreateMedicationDto) {
    return this.of(actor).create(actor, id, { ...input });
  }

  @Get()
  @Endpoint({
    summary: 'List medications',
    description: 'The newest first, archived ones among them.',
    returns: MedicationPageDto,
  })
  async listMedications(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.of(actor).list(query));
  }

  @Get(':id')
  @IdParam('The medication.')
  @Endpoint({
    summary: 'Get a medication',
    description: 'A deleted medication, or one of another person, is answered with 404.',
    returns: MedicationDto,
    errors: ['not-found'],
  })
  getMedication(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The medication.')
  @Endpoint({
    summary: 'Update a medication',
    description:
      'Fields that are not sent do not change. Intakes keep the name, strength and unit that it had when they were stored.',
    returns: MedicationDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateMedication(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateMedicationDto,
  ) {
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  @Delete(':id')
  @IdParam('The medication.')
  @Endpoint({
    summary: 'Delete a medication',
    description:
      'Its schedules then expect no doses. Its intakes are kept, with its name. For a medication that is not taken any more, archive it instead: then its past doses stay expected.',
    status: 204,
    errors: ['not-found'],
  })
  deleteMedication(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): MedicationsRepository {
    return new MedicationsRepository(this.records, person(userId));
  }
}
