/** What went wrong, read out when it appears. */
export function Failure({ error }: { error: Error | null }) {
  return (
    <div role="alert" className="failure-place">
      {error && <p className="said-no">{error.message}</p>}
    </div>
  );
}
