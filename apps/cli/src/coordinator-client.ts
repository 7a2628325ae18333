import { z } from 'zod';

import type {
  AccountView,
  ApiKeyView,
  AuditPage,
  ChangeAccount,
  CreateApiKey,
  CreateEnrolmentCode,
  CreateInvitation,
  CreateUseCase,
  InvitationView,
  JobsView,
  KeyView,
  MetricsView,
  ModelView,
  NewInvitation,
  RoundView,
  StartEvaluation,
  StartRounds,
  UseCaseChange,
  UseCaseDetail,
  UseCaseView,
} from '#protocol';

import { CliError, EXIT } from './cli-error.js';

export interface CoordinatorAddress {
  /** without a slash at the end */
  readonly url: string;
  readonly key?: string | undefined;
}

interface Question {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
}

const PATIENCE_MS = 60_000;
const RefusalReply = z.object({ code: z.string().min(1), message: z.string().min(1) });

/**
 * The coordinator's HTTP API, typed.
 *
 * Every method @throws CliError: exit code 1 with the coordinator's own sentence and code where it refused,
 * 3 where no coordinator answers at the address.
 */
export class CoordinatorClient {
  constructor(private readonly address: CoordinatorAddress) {}

  get url(): string {
    return this.address.url;
  }

  listUseCases = (): Promise<UseCaseView[]> => this.#json('/v1/use-cases');

  findUseCase = (id: string): Promise<UseCaseDetail> => this.#json(`/v1/use-cases/${encodeURIComponent(id)}`);

  createUseCase = (draft: z.input<typeof CreateUseCase>): Promise<{ id: string; state: 'draft' }> =>
    this.#json('/v1/use-cases', { method: 'POST', json: draft });

  /** From the start of the next epoch on. */
  changeUseCase = (id: string, change: Readonly<Record<string, unknown>>): Promise<UseCaseChange> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(id)}`, { method: 'PATCH', json: change });

  createCode = (useCase: string, plan: CreateEnrolmentCode): Promise<{ code: string }> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(useCase)}/enrolment-codes`, { method: 'POST', json: plan });

  /** Nobody enrols with it any more. */
  revokeCode = (code: string): Promise<{ revoked: true }> =>
    this.#json('/v1/enrolment-codes/revoke', { method: 'POST', json: { code } });

  createApiKey = (key: z.input<typeof CreateApiKey>): Promise<{ key: string }> =>
    this.#json('/v1/api-keys', { method: 'POST', json: key });

  /** Oldest first, revoked ones too. */
  listApiKeys = (): Promise<ApiKeyView[]> => this.#json('/v1/api-keys');

  revokeApiKey = (id: string): Promise<{ revoked: true }> =>
    this.#json('/v1/api-keys/revoke', { method: 'POST', json: { id } });

  /** Oldest first, disabled ones too. */
  listAccounts = (): Promise<AccountView[]> => this.#json('/v1/accounts');

  changeAccount = (id: string, change: ChangeAccount): Promise<AccountView> =>
    this.#json(`/v1/accounts/${encodeURIComponent(id)}`, { method: 'POST', json: change });

  invite = (invitation: z.input<typeof CreateInvitation>): Promise<NewInvitation> =>
    this.#json('/v1/invitations', { method: 'POST', json: invitation });

  /** Newest first. */
  listInvitations = (): Promise<InvitationView[]> => this.#json('/v1/invitations');

  revokeInvitation = (id: string): Promise<{ revoked: true }> =>
    this.#json('/v1/invitations/revoke', { method: 'POST', json: { id } });

  /** Newest first, older than the entry `before`. */
  readAudit = ({ before, limit }: { before?: number | undefined; limit: number }): Promise<AuditPage> =>
    this.#json(`/v1/audit?limit=${limit}${before === undefined ? '' : `&before=${before}`}`);

  /** @returns ids in order */
  startRounds = (
    useCase: string,
    plan: z.input<typeof StartRounds>,
  ): Promise<{ rounds: string[]; warnings: string[] }> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(useCase)}/rounds`, { method: 'POST', json: plan });

  startEvaluation = (
    useCase: string,
    plan: z.input<typeof StartEvaluation>,
  ): Promise<{ round: string; version: number; warnings: string[] }> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(useCase)}/evaluations`, { method: 'POST', json: plan });

  pauseRounds = (useCase: string): Promise<{ paused: boolean }> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(useCase)}/pause`, { method: 'POST' });

  resumeRounds = (useCase: string): Promise<{ paused: boolean }> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(useCase)}/resume`, { method: 'POST' });

  /** Oldest first. */
  listRounds = (useCase?: string): Promise<RoundView[]> => this.#json(`/v1/rounds${filter(useCase)}`);

  findRound = (id: string): Promise<RoundView> => this.#json(`/v1/rounds/${encodeURIComponent(id)}`);

  abortRound = (id: string): Promise<RoundView> =>
    this.#json(`/v1/rounds/${encodeURIComponent(id)}/abort`, { method: 'POST' });

  /** @returns the round in its place */
  retryRound = (id: string): Promise<RoundView> =>
    this.#json(`/v1/rounds/${encodeURIComponent(id)}/retry`, { method: 'POST' });

  /** Newest first. */
  listModels = (useCase?: string): Promise<ModelView[]> => this.#json(`/v1/models${filter(useCase)}`);

  /** Of rounds that opened and are over, oldest first. */
  findMetrics = (useCase: string): Promise<MetricsView> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(useCase)}/metrics`);

  /** What the worker is doing and is to do, and what failed last. */
  listJobs = (): Promise<JobsView> => this.#json('/v1/operations/jobs');

  listKeys = (useCase?: string): Promise<KeyView[]> => this.#json(`/v1/keys${filter(useCase)}`);

  /** @returns the earliest epoch that the new key can be for */
  rotateKey = (useCase: string): Promise<{ notBefore: number }> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(useCase)}/keys`, { method: 'POST' });

  /** @returns the first epoch that is not retired */
  retireEpoch = (useCase: string): Promise<{ firstLiveEpoch: number }> =>
    this.#json(`/v1/use-cases/${encodeURIComponent(useCase)}/retire-epoch`, { method: 'POST' });

  /** safetensors */
  downloadModel = (digest: string): Promise<Uint8Array> => this.#bytes(`/v1/models/${digest}`);

  /** `model.json` and `weights.bin` in TensorFlow.js layers format */
  downloadLayers = async (digest: string): Promise<{ modelJson: Uint8Array; weights: Uint8Array }> => ({
    modelJson: await this.#bytes(`/v1/models/${digest}/tfjs/model.json`),
    weights: await this.#bytes(`/v1/models/${digest}/tfjs/weights.bin`),
  });

  /** @returns the digest the coordinator knows the bytes by */
  upload = async (bytes: Uint8Array): Promise<string> =>
    (await this.#json<{ digest: string }>('/v1/blobs', { method: 'POST', bytes })).digest;

  async #json<T>(path: string, question?: Question): Promise<T> {
    const response = await this.#ask(path, question);
    return (await response.json().catch(() => this.#stranger(response.status))) as T;
  }

  async #bytes(path: string): Promise<Uint8Array> {
    const response = await this.#ask(path);
    return new Uint8Array(await response.arrayBuffer().catch((error: unknown) => this.#unreachable(error)));
  }

  async #ask(path: string, { method = 'GET', json, bytes }: Question = {}): Promise<Response> {
    const headers = new Headers();
    const { url, key } = this.address;
    if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
    if (json !== undefined) headers.set('content-type', 'application/json');
    if (bytes !== undefined) headers.set('content-type', 'application/octet-stream');
    const body = json !== undefined ? JSON.stringify(json) : bytes;
    const request = {
      method,
      headers,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body }),
    };
    const response = await fetch(`${url}${path}`, request).catch((error: unknown) => this.#unreachable(error));
    if (response.ok) return response;
    const refusal = RefusalReply.safeParse(await response.json().catch(() => undefined));
    if (!refusal.success) return this.#stranger(response.status);
    throw new CliError(EXIT.failed, refusal.data.message, refusal.data.code);
  }

  #unreachable(error: unknown): never {
    const { url } = this.address;
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw new CliError(EXIT.failed, `${url} did not answer within ${PATIENCE_MS / 1000} s.`);
    }
    throw new CliError(
      EXIT.nothingRunning,
      `Nothing is running at ${url}: start one with "npx starling up", or give another --url.`,
    );
  }

  #stranger(status: number): never {
    throw new CliError(
      EXIT.nothingRunning,
      `What answers at ${this.address.url} is no Starling coordinator (HTTP ${status}).`,
    );
  }
}

const filter = (useCase: string | undefined): string =>
  useCase === undefined ? '' : `?useCase=${encodeURIComponent(useCase)}`;
