import { usePage, useRoundsOfPage, useUseCase } from '../rounds/rounds-provider.js';

/** The use case shown; a choice only where there are several. */
export function UseCasePicker() {
  const { select } = useRoundsOfPage();
  const useCases = usePage((page) => page.useCases);
  const shown = useUseCase(usePage(({ selected }) => selected));
  if (!shown) return <div className="use-case" />;
  if (useCases.length === 1) return <p className="use-case use-case-title">{shown.title}</p>;
  return (
    <div className="use-case">
      <label className="visually-hidden" htmlFor="use-case">
        Use case
      </label>
      <select id="use-case" value={shown.id} onChange={(event) => select(event.target.value)}>
        {useCases.map(({ id, title, state }) => (
          <option key={id} value={id}>
            {state === 'draft' ? `${title} (draft)` : title}
          </option>
        ))}
      </select>
    </div>
  );
}
