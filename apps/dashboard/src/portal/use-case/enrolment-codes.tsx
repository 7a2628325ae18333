import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import type { UseCaseView } from '#protocol';

import { act } from '../../coordinator.js';
import { DeviceSetup } from '../device/device-setup.js';
import { Failure } from '../parts/failure.js';
import { TextField } from '../parts/field.js';

const DAY_S = 86_400;

export function EnrolmentCodes({ useCase }: { useCase: UseCaseView }) {
  const [devices, setDevices] = useState('50');
  const [days, setDays] = useState('7');
  const create = useMutation({
    mutationFn: () =>
      act<{ code: string }>('POST', `/v1/use-cases/${useCase.id}/enrolment-codes`, {
        uses: Number(devices),
        expiresInSeconds: Math.round(Number(days) * DAY_S),
      }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <>
      <section className="card">
        <h2 className="page-title">Enrolment codes</h2>
        <form className="form form-row" onSubmit={submit}>
          <CodeTerms {...{ devices, setDevices, days, setDays }} />
          <button type="submit" className="button button-main" disabled={create.isPending}>
            Make a code
          </button>
        </form>
        <Failure error={create.error} />
        <RevokeCode />
      </section>
      {create.data && (
        <DeviceSetup useCase={useCase.id} title={useCase.title} code={create.data.code} devices={Number(devices)} />
      )}
    </>
  );
}

interface TermsProps {
  readonly devices: string;
  readonly setDevices: (devices: string) => void;
  readonly days: string;
  readonly setDays: (days: string) => void;
}

function CodeTerms({ devices, setDevices, days, setDays }: TermsProps) {
  return (
    <>
      <TextField
        label="Devices"
        inputMode="numeric"
        value={devices}
        onChange={(event) => setDevices(event.target.value)}
      />
      <TextField
        label="Good for, days"
        inputMode="numeric"
        value={days}
        onChange={(event) => setDays(event.target.value)}
      />
    </>
  );
}

/** Only its hash is kept: to take a code back one has to have it. */
function RevokeCode() {
  const [code, setCode] = useState('');
  const revoke = useMutation({
    mutationFn: () => act('POST', '/v1/enrolment-codes/revoke', { code }),
    onSuccess: () => setCode(''),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    revoke.mutate();
  };
  return (
    <form className="form form-row" onSubmit={submit}>
      <TextField
        label="Take a code back"
        hint="the code itself: the coordinator keeps no list of them. Devices that enrolled stay."
        required
        maxLength={64}
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      <button type="submit" className="button" disabled={revoke.isPending}>
        Revoke it
      </button>
      <Failure error={revoke.error} />
      {revoke.isSuccess && <p role="status">No more devices enrol with it.</p>}
    </form>
  );
}
