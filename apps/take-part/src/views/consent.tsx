import { useState } from 'react';

import { parameterCount } from '#client/browser';

import type { Terms } from '../device/terms.js';
import { bytes, count, counted, figure, grouped } from './numbers.js';

/** All that happens, before anything does. */
export function Consent({ terms, onAgree }: { readonly terms: Terms; readonly onAgree: () => void }) {
  const [isAgreed, setAgreed] = useState(false);
  const { title, manifest } = terms;
  return (
    <section className="card consent">
      <p className="muted">You are asked to take part in</p>
      <h1>{title}</h1>
      <p>
        Many devices train one model, each on examples of its own. The examples stay where they are. What a device sends
        is what it would change in the model. Nothing has been sent yet, and your training has not begun.
      </p>
      <h2>What is trained</h2>
      <p>
        A model of {count(parameterCount(manifest))} numbers{describeModel(terms)}. Your device downloads it when a
        round opens, trains it on your examples, and compares.
      </p>
      <WhatLeaves terms={terms} />
      <WhatStays />
      <Addresses terms={terms} />
      <label className="checkbox">
        <input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.target.checked)} />
        <span>I have read this and want to take part. I can leave at any time.</span>
      </label>
      <button className="button button-main" type="button" disabled={!isAgreed} onClick={onAgree}>
        Take part
      </button>
    </section>
  );
}

function WhatLeaves({ terms }: { readonly terms: Terms }) {
  const { manifest, clip, noise } = terms;
  return (
    <>
      <h2>What leaves this device</h2>
      <ul>
        <li>
          <b>In each round one list of numbers:</b> the change of the model, {bytes(terms.bytes)} long.
        </li>
        <li>
          <b>Cut down to a size of {figure(clip)}</b> (its L2 norm), so that no device outweighs the others
          {noise === undefined ? '.' : '; rounds may say a smaller or larger size.'}
        </li>
        <li>
          {noise === undefined ? (
            <>
              <b>Without noise.</b> The servers add none to the sum. The published model may show something of what it
              learnt from.
            </>
          ) : (
            <>
              <b>The servers add noise to the sum</b> before anything is published: {figure(noise)} times what one
              device can change. Your own list leaves without noise.
            </>
          )}
        </li>
        <li>
          <b>Who sees it:</b> intake and the worker, until the round is summed up, without a name on it. They could
          learn something about your examples from it. Then only the sum of all is left: at least {count(manifest.kMin)}{' '}
          devices must hold a token for a round, or your device sits it out.
        </li>
        <li>
          <b>Once, to join:</b> the code of your link and a fresh key, to the issuer, which then knows this device. It
          does not see what you send.
        </li>
      </ul>
    </>
  );
}

function WhatStays() {
  return (
    <>
      <h2>What never leaves it</h2>
      <ul>
        <li>Your examples: drawings, files, labels.</li>
        <li>Your name. Nobody asks for it.</li>
        <li>
          A link between you and what you send: each update is paid for with a blind token, which the issuer itself
          cannot recognise, on a connection without cookies. Whoever runs all the servers could still compare addresses
          and times.
        </li>
      </ul>
    </>
  );
}

function describeModel({ model: { inputShape, classes, topology } }: Terms): string {
  if (topology === undefined) return '';
  const inputs = inputShape === undefined ? '' : ` that takes ${inputShape.join(' × ')} numbers and`;
  return `${inputs === '' ? ' that' : inputs} tells ${counted(classes, 'class').replace(/classs$/, 'classes')} apart`;
}

function Addresses({ terms: { issuer, coordinator, intake, deploymentKey } }: { readonly terms: Terms }) {
  return (
    <>
      <h2>Whom you deal with</h2>
      <dl className="facts">
        <dt>Coordinator</dt>
        <dd>{coordinator}</dd>
        <dt>Issuer</dt>
        <dd>{issuer}</dd>
        <dt>Intake</dt>
        <dd>{intake}</dd>
        <dt>Fingerprint</dt>
        <dd>
          <code className="key" aria-label={`Deployment key ${deploymentKey}`}>
            {grouped(deploymentKey).map((part) => (
              <span key={part}>{part}</span>
            ))}
          </code>
          <span className="muted">
            The deployment’s key, which signs these rules. Compare it with what whoever invited you says. This page too
            comes from the coordinator: who does not trust it should use an app.
          </span>
        </dd>
      </dl>
    </>
  );
}
