import { decodeRoundRecord } from '#protocol';

/** Of round `r`: its record where that says the clip, else null. */
export const RECORD_WITH_CLIP = `
  (select r.record from keys.use_case u where u.id = r.use_case and u.draft #> '{privacy,clipping}' is not null)`;

/** Of use case `u` and the model `model` that a round begins with: what that model's own round led to, or the first clip. */
export const NEXT_CLIP_MICROS = `
  case when u.draft #> '{privacy,clipping}' is not null
       then coalesce((select l.next_clip_micros from rounds.release l where l.round_id = model.round_id),
                     round((u.draft ->> 'clip')::numeric * 1000000))::float8 end`;

/** Real units. */
export const clipIn = (record: Uint8Array | null): number | null =>
  record === null ? null : decodeRoundRecord(record).clipMicros! / 1e6;
