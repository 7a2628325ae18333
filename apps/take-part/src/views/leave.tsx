import { useState } from 'react';

/** The way out, with a question in between. */
export function Leave({ onLeave }: { readonly onLeave: () => Promise<void> }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <section className="card leave" aria-labelledby="leave-title">
      <h2 id="leave-title">Leave</h2>
      <p className="muted">
        Deletes this device’s key, its tokens, your examples and this history from the browser. The issuer still knows
        that a device once joined with your code. You need another code to come back.
      </p>
      {isAsking ? (
        <div className="buttons">
          <button className="button button-bad" type="button" onClick={() => void onLeave()}>
            Delete everything
          </button>
          <button className="button" type="button" onClick={() => setAsking(false)}>
            Stay
          </button>
        </div>
      ) : (
        <button className="button" type="button" onClick={() => setAsking(true)}>
          Leave …
        </button>
      )}
    </section>
  );
}
