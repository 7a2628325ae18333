import { useMutation } from '@tanstack/react-query';
import { useId } from 'react';

import { upload } from '../../coordinator.js';
import { plural } from '../../figures.js';
import { Failure } from '../parts/failure.js';
import type { StepProps } from './draft-field.js';
import type { UploadedModel, UploadedSet } from './draft.js';
import { examplesOf, parseModel } from './model-file.js';

/** Read in the page, then kept by the coordinator: a reload finds it by its digest. */
export function ModelFile({ draft, set }: StepProps) {
  const id = useId();
  const send = useMutation({
    mutationFn: async (files: readonly File[]): Promise<UploadedModel> => {
      const { name, layout, bytes, topology } = await parseModel(files);
      const digest = await upload(bytes);
      return { name, layout, digest, ...(topology && { topology: await upload(topology) }) };
    },
    onSuccess: (uploaded) => set({ uploaded }),
  });
  return (
    <div className="field">
      <label htmlFor={id}>Files of the model</label>
      <input
        id={id}
        type="file"
        multiple
        accept=".json,.bin,.safetensors"
        onChange={(event) => send.mutate([...(event.target.files ?? [])])}
      />
      <p className="field-hint">model.json with its weight files, all at once; or one .safetensors file</p>
      <Failure error={send.error} />
      {send.isPending && <p role="status">Sending it to the coordinator…</p>}
      {draft.uploaded && <p role="status">{draft.uploaded.name} is with the coordinator.</p>}
    </div>
  );
}

export function EvaluationFile({ draft, set }: StepProps) {
  const id = useId();
  const send = useMutation({
    mutationFn: async (file: File): Promise<UploadedSet> => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const examples = examplesOf(bytes, file.name);
      return { name: file.name, examples, digest: await upload(bytes) };
    },
    onSuccess: (evaluation) => set({ evaluation }),
  });
  return (
    <div className="field">
      <label htmlFor={id}>Evaluation set (optional)</label>
      <input
        id={id}
        type="file"
        accept=".safetensors"
        onChange={(event) => event.target.files?.[0] && send.mutate(event.target.files[0])}
      />
      <p className="field-hint">
        safetensors with inputs and labels that no device trains on: each model is measured on it. Without one, devices
        can measure.
      </p>
      <Failure error={send.error} />
      {draft.evaluation && (
        <p role="status">
          {draft.evaluation.name}: {plural(draft.evaluation.examples, 'example')}.
        </p>
      )}
    </div>
  );
}
