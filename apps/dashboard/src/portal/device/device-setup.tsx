import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import type { DeploymentReply } from '#protocol';

import { ask } from '../../coordinator.js';
import { plural } from '../../figures.js';
import { CopyButton } from '../parts/copy-button.js';
import { Failure } from '../parts/failure.js';
import { QrCode } from '../parts/qr-code.js';
import { Secret } from '../parts/secret.js';
import { Tabs } from '../parts/tabs.js';
import { browserSnippet, nodeSnippet, pythonSnippet, takePartLink, type DeviceFacts } from './snippets.js';

interface Props {
  readonly useCase: string;
  readonly title: string;
  readonly code: string;
  readonly devices: number;
}

/** What one gives to whoever sets up devices: the code, a sheet to print, and programs that work. */
export function DeviceSetup({ useCase, title, code, devices }: Props) {
  const { data, error } = useQuery({ queryKey: ['deployment'], queryFn: () => ask<DeploymentReply>('/v1/deployment') });
  return (
    <>
      <section className="card sheet">
        <h2 className="page-title">Devices of {title}</h2>
        {/* The code does not wait for the rest: nobody can show it again. */}
        <Secret title="Enrolment code" value={code}>
          <p>Shown this once. {plural(devices, 'device')} can enrol with it.</p>
        </Secret>
        {data ? (
          <TakePartLink link={takePartLink({ ...data, code, useCase })} title={title} />
        ) : (
          <Failure error={error} />
        )}
      </section>
      {data && <Programs facts={{ ...data, useCase, code }} />}
    </>
  );
}

function TakePartLink({ link, title }: { link: string; title: string }) {
  return (
    <>
      <QrCode text={link} label="Link for a browser, as a QR code" />
      <p className="sheet-link">
        <a href={link}>{link}</a>
      </p>
      <p className="muted">Whoever scans it takes part in {title} with this browser.</p>
      <div className="buttons no-print">
        <CopyButton text={link} label="Copy the link" />
        <button type="button" className="button" onClick={() => globalThis.print()}>
          Print this sheet
        </button>
      </div>
    </>
  );
}

function Programs({ facts }: { facts: DeviceFacts }) {
  const node = (
    <Program code={nodeSnippet(facts)}>
      Save it as <code>device.mjs</code> in Starling’s folder, after <code>npm run build</code>, and run{' '}
      <code>node device.mjs ./device-1</code>, with another folder for each device. A typed project elsewhere:{' '}
      <code>npx starling generate {facts.useCase} --out ../my-device</code>.
    </Program>
  );
  const browser = (
    <Program code={browserSnippet(facts)}>
      Save it as <code>device.js</code> beside <code>starling.js</code>, which <code>npm run build</code> puts into{' '}
      <code>dist/browser</code>, and load it in a page: <code>{'<script type="module" src="device.js"></script>'}</code>
      . The page’s origin must be among the <code>ALLOWED_ORIGINS</code> of issuer and coordinator. Each browser is one
      device. Without a page of your own, open the link above.
    </Program>
  );
  const python = (
    <Program code={pythonSnippet(facts)}>
      Run it in <code>examples/python</code>, with a folder for each device behind its name; it needs nothing but Python
      3.9.
    </Program>
  );
  return (
    <section className="card no-print">
      <h2 className="page-title">A device of your own</h2>
      <Tabs
        label="Language"
        tabs={[
          { name: 'Node', content: node },
          { name: 'Browser', content: browser },
          { name: 'Python', content: python },
        ]}
      />
    </section>
  );
}

function Program({ code, children }: { code: string; children: ReactNode }) {
  return (
    <>
      <p className="muted">{children}</p>
      <pre className="program" tabIndex={0}>
        <code>{code}</code>
      </pre>
      <CopyButton text={code} label="Copy the program" />
    </>
  );
}
