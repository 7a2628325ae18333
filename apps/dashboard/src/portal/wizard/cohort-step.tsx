import { DraftField, type StepProps } from './draft-field.js';

export function CohortStep(props: StepProps) {
  return (
    <>
      <RoundFields {...props} />
      <ScheduleFields {...props} />
      {props.draft.evaluation !== null && (
        <div className="form form-row">
          <DraftField
            {...props}
            name="accuracy"
            label="Stop at accuracy"
            hint="0 to 1; empty: go on to the last round"
          />
          <DraftField
            {...props}
            name="patience"
            label="Patience"
            hint="stop after so many rounds without a better model"
          />
        </div>
      )}
    </>
  );
}

function RoundFields(props: StepProps) {
  return (
    <div className="form form-row">
      <DraftField
        {...props}
        name="kMin"
        label="Fewest devices k_min"
        hint="promised to devices: a round has never fewer"
      />
      <DraftField
        {...props}
        name="target"
        field="cohort"
        label="Target"
        hint="a round closes when so many updates count. It opens at the fewest; where no more have tokens by then, it closes once all have sent"
      />
      <DraftField {...props} name="deadlineSeconds" label="Deadline, s" hint="it closes then at the latest" />
      <DraftField
        {...props}
        name="jitterMs"
        label="Jitter W, ms"
        hint="updates are spread over so long: the longer, the less time tells about a sender"
      />
    </div>
  );
}

function ScheduleFields(props: StepProps) {
  return (
    <div className="form form-row">
      <DraftField {...props} name="epochSeconds" label="Epoch, s" hint="tokens are good for one epoch" />
      <DraftField {...props} name="slots" label="Slots of an epoch" hint="rounds that fit in it" />
      <DraftField {...props} name="rounds" label="Rounds" hint="to start at once" />
    </div>
  );
}

export function CodesStep(props: StepProps) {
  return (
    <>
      <p>Devices enrol with a code that you give them. It is made when the use case is live, and shown once.</p>
      <div className="form form-row">
        <DraftField {...props} name="devices" label="Devices" hint="that can enrol with the code" />
        <DraftField {...props} name="validDays" label="Good for, days" />
      </div>
    </>
  );
}
