import { useSearchParams } from 'react-router';

import { Loading, Notice, SignInNotice, Trouble } from '../notices.js';
import { usePage, useUseCase } from '../rounds/rounds-provider.js';
import { useTitle } from '../shell/use-title.js';
import { Compare } from './compare.js';
import { ModelList } from './model-list.js';
import { OneModel } from './one-model.js';
import { useModels } from './use-models.js';
import '../styles/overview.css';
import '../styles/models.css';

/** Model versions: where each comes from, what it is worth, how two differ, and what it makes of a digit. */
export function ModelsPage() {
  useTitle('Models');
  const [params, setParams] = useSearchParams();
  const { maySee, data, error, refetch } = useModels();
  const useCase = useUseCase(usePage(({ selected }) => selected));
  const chosen = params.get('model') ?? data?.[0]?.digest ?? null;
  const model = data?.find(({ digest }) => digest === chosen);
  const show = (digest: string) => setParams({ model: digest });
  return (
    <>
      {!maySee && (
        <SignInNotice title="The list of models is for people with an account">
          A model that you know the digest of is public: every device downloads it. The log and each round name theirs.
          To see all versions side by side, sign in.
        </SignInNotice>
      )}
      {maySee && data === undefined && error === null && <Loading what="Asking for models…" />}
      {maySee && data === undefined && error !== null && (
        <Trouble title="Models cannot be listed" problem={error.message} retry={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <Notice title="No model yet">
          <p>The initial model is listed as soon as the use case is live; each published round adds a version.</p>
        </Notice>
      )}
      {chosen !== null && (
        <OneModel key={chosen} digest={chosen} model={model} hasTopology={useCase?.hasTopology ?? false} />
      )}
      {data !== undefined && data.length > 1 && <Compare models={data} />}
      {data !== undefined && data.length > 0 && <ModelList models={data} chosen={chosen} show={show} />}
    </>
  );
}
