import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';

import {
  ProtocolError,
  RoundId,
  Sequence,
  StartEvaluation,
  StartRounds,
  UseCaseId,
  type RoundsPage,
  type RoundView,
} from '#protocol';
import { RoundSchedule, RoundViews, type RoundPlan } from '#storage/rounds';

import { RequireScope } from './access.guard.js';
import { IsAct } from './accounts/acts.js';
import { RoundRules } from './round-rules.js';
import { RoundStarter } from './round-starter.js';

@ApiTags('rounds')
@Controller('v1')
export class RoundsController {
  constructor(
    private readonly schedule: RoundSchedule,
    private readonly views: RoundViews,
    private readonly rules: RoundRules,
    private readonly starter: RoundStarter,
  ) {}

  @Post('use-cases/:id/rounds')
  @RequireScope('rounds:write')
  @IsAct('rounds.start', {
    subject: ({ params }) => params['id'],
    detail: ({ body }) => ({
      count: Number(body['count'] ?? 1),
      min: Number(body['min']),
      target: Number(body['target']),
    }),
  })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Start rounds, one after the other' })
  async start(
    @Param('id', { schema: UseCaseId }) useCase: string,
    @Body({ schema: StartRounds }) { waitSeconds, finishSeconds, from, until, ...wish }: StartRounds,
  ): Promise<{ rounds: string[]; warnings: string[] }> {
    const { draft, warnings } = await this.rules.check(useCase, wish);
    await this.rules.checkTerms(useCase, draft, { from, until });
    const { count, min, target, deadlineSeconds } = wish;
    const { jitterMs, epochSeconds } = draft;
    const plan = { useCase, count, min, target, jitterMs, terms: { from, until } };
    const times = timesOf({ deadlineSeconds, waitSeconds, finishSeconds }, epochSeconds);
    return { warnings, rounds: await this.starter.start({ ...plan, ...times }) };
  }

  @Post('use-cases/:id/evaluations')
  @RequireScope('rounds:write')
  @IsAct('evaluation.start', { subject: ({ params }) => params['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Let devices measure a model version on data of their own, in a round' })
  async evaluate(
    @Param('id', { schema: UseCaseId }) useCase: string,
    @Body({ schema: StartEvaluation }) wish: StartEvaluation,
  ): Promise<{ round: string; version: number; warnings: string[] }> {
    const { draft, version, warnings } = await this.rules.checkEvaluation(useCase, wish);
    const { min, target, lossBound } = wish;
    const { jitterMs, epochSeconds } = draft;
    const plan = { useCase, count: 1, min, target, jitterMs, evaluation: { version, lossBound } };
    const [round] = await this.starter.start({ ...plan, ...timesOf(wish, epochSeconds) });
    return { round: round!, version, warnings };
  }

  @Get('use-cases/:id/rounds')
  @ApiOperation({
    summary: 'A page of its rounds: about the first that is not over, or ?after= or ?before= a sequence',
  })
  async page(
    @Param('id', { schema: UseCaseId }) useCase: string,
    @Query('after', { schema: Sequence.optional() }) after?: number,
    @Query('before', { schema: Sequence.optional() }) before?: number,
  ): Promise<RoundsPage> {
    await this.rules.find(useCase);
    return this.views.page(useCase, { after, before });
  }

  @Get('rounds')
  @ApiOperation({ summary: 'Rounds, oldest first; of one use case with ?useCase=' })
  list(@Query('useCase', { schema: UseCaseId.optional() }) useCase?: string): Promise<RoundView[]> {
    return this.views.list(useCase);
  }

  @Get('rounds/:id')
  @ApiOperation({ summary: 'One round: state, counts, reasons, figures' })
  async find(@Param('id', { schema: RoundId }) id: string): Promise<RoundView> {
    const round = await this.views.find(id);
    if (round === undefined) throw new ProtocolError('not_found', 'No round has this id.');
    return round;
  }

  @Post('rounds/:id/abort')
  @HttpCode(200)
  @RequireScope('rounds:write')
  @IsAct('round.abort', { subject: ({ params }) => params['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Abandon a round that is not published yet' })
  async abort(@Param('id', { schema: RoundId }) id: string): Promise<RoundView> {
    const aborted = await this.schedule.abort(id);
    const round = await this.find(id);
    if (!aborted) throw new ProtocolError('wrong_state', `This round is ${round.state} already.`);
    return round;
  }

  @Post('rounds/:id/retry')
  @RequireScope('rounds:write')
  @IsAct('round.retry', { subject: ({ params }) => params['id'] })
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Start a round in the place of an abandoned one, with the same plan' })
  async retry(@Param('id', { schema: RoundId }) id: string): Promise<RoundView> {
    const round = await this.find(id);
    const { useCase, evaluates: version } = round;
    const { draft } =
      version === null
        ? await this.rules.check(useCase, { ...round, count: 1 })
        : await this.rules.checkEvaluation(useCase, { ...round, version });
    const started = await this.starter.retry(round, draft.jitterMs);
    if (started !== undefined) return this.find(started);
    throw new ProtocolError('wrong_state', whyNotAgain(round));
  }
}

function whyNotAgain({ state, plan }: RoundView): string {
  if (state !== 'abandoned') return `This round is ${state}: only an abandoned one can be started again.`;
  const orDone = plan === null ? '' : ', or its plan is done';
  return `Another round was started in its place already${orDone}.`;
}

function timesOf(
  {
    deadlineSeconds,
    waitSeconds,
    finishSeconds,
  }: {
    readonly deadlineSeconds: number;
    readonly waitSeconds?: number | undefined;
    readonly finishSeconds: number;
  },
  epochSeconds: number,
): Pick<RoundPlan, 'deadlineMs' | 'waitMs' | 'finishMs'> {
  return {
    deadlineMs: 1000 * deadlineSeconds,
    waitMs: 1000 * (waitSeconds ?? Math.max(LEAST_WAIT_S, WAIT_EPOCHS * epochSeconds)),
    finishMs: 1000 * finishSeconds,
  };
}

const LEAST_WAIT_S = 86_400;
/** After an epoch is retired by hand, rounds go on two epochs later. */
const WAIT_EPOCHS = 3;
